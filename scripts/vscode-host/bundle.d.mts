export function bundleSuite(entry: string, outfile: string): Promise<void>;
