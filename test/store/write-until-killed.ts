/** A child for the tests of the store: opens the database and writes pairs of rows that belong together, until it is killed. Says "ready" once it writes. */
import { openDatabase } from "../../src/store/database.ts";

const [path = "", who = ""] = process.argv.slice(2);
const store = openDatabase(path, ["CREATE TABLE pair (who TEXT, n INTEGER, half TEXT) STRICT"]);
const insert = store.db.prepare("INSERT INTO pair VALUES (?, ?, ?)");
for (let n = 0; ; n++) {
  store.transaction(() => {
    insert.run(who, n, "left");
    insert.run(who, n, "right");
  });
  if (n === 0) process.stdout.write("ready\n");
  // The parent learns which were acknowledged.
  process.stdout.write(`${n}\n`);
}
