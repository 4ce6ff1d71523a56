/** Builds all files into `folder`. Returns their names and contents. */
export function build(folder: string): Promise<Record<string, string>>;
