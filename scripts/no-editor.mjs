/*
 * Stands for @inquirer/external-editor in the bundle: no question of ours opens an editor, and that
 * package brings half a megabyte of character sets, which would be read with every first question.
 */
export function editAsync() {
  throw new Error("no question opens an editor");
}
