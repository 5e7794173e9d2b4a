/** A part of a grid that is full. */

/** Numbers of rows, columns, rails and traffic of a grid. Rectangles may overlap. */
export interface Rectangle {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly rails: readonly number[];
  readonly traffic: readonly number[];
}
