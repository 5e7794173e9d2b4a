/** Things that belong together because something third joins them (union-find). */

export class DisjointSets<T> {
  private readonly parents = new Map<T, T>();

  unite(one: T, other: T): void {
    const first = this.rootOf(one);
    const second = this.rootOf(other);
    if (first !== second) this.parents.set(second, first);
  }

  areOne(one: T, other: T): boolean {
    return this.rootOf(one) === this.rootOf(other);
  }

  /** All of `members`, in groups, in the order of each group's first. */
  groupsOf(members: Iterable<T>): T[][] {
    const groups = new Map<T, T[]>();
    for (const member of members) {
      const root = this.rootOf(member);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [member]);
      else group.push(member);
    }
    return [...groups.values()];
  }

  private rootOf(member: T): T {
    let root = member;
    for (let up = this.parents.get(root); up !== undefined; up = this.parents.get(root)) root = up;
    // the way is shortened for the next who asks
    for (let at = member; at !== root; ) {
      const up = this.parents.get(at) as T;
      this.parents.set(at, root);
      at = up;
    }
    return root;
  }
}
