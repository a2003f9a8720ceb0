import { reachOnly } from "../../lib/run/user_place.ts";

const closed = await reachOnly(Deno.args);
const may = async (host: string): Promise<string> =>
  (await Deno.permissions.query({ name: "net", host })).state;
const hosts = [
  "127.0.0.1:8900",
  "127.0.0.1:8901",
  "10.0.0.7:80",
  "localhost:8900",
  "[::1]:8900",
  "gpu.lab:443",
];
console.log(
  JSON.stringify({
    closed,
    open: (await Promise.all(hosts.map(may))).flatMap((state, at) => state === "granted" ? [hosts[at]] : []),
  }),
);
