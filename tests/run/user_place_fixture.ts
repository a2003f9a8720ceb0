import { userAnchor, writeOnly } from "../../lib/run/user_place.ts";

const [named = ""] = Deno.args;
const place = userAnchor()(named, "folder");
await writeOnly([place]);
const may = async (path: string): Promise<string> =>
  (await Deno.permissions.query({ name: "write", path })).state;
console.log(
  JSON.stringify({ place, states: [await may(place), await may(`${place}/below`), await may("/etc")] }),
);
