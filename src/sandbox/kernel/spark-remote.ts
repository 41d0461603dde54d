const PORT = 15_002;

/** The variable of the gateway's environment with the server's whole address. */
export const SPARK_REMOTE = 'LAKE_TUTORIAL_SPARK_REMOTE';

/** True for the address of a Spark Connect server: `sc://host:port`, with parameters after it or without. */
export const isSparkRemote = (text: string): boolean => /^sc:\/\/[^/\s]+(\/\S*)?$/.test(text) && URL.canParse(text);

/** Its host and port alone: what follows them may hold a token. */
export function sparkRemoteAddress(remote: string): string {
  const { hostname, port } = new URL(remote);
  return `${hostname}:${port || PORT}`;
}
