// Reads a JSON list of texts from standard input, writes a JSON list of [weight, [link, ...]] as X's own code counts them.
import { readFileSync } from "node:fs";
import twitter from "twitter-text";

const texts = JSON.parse(readFileSync(0, "utf8"));
const counted = texts.map((text) => [twitter.parseTweet(text).weightedLength, twitter.extractUrls(text.normalize())]);
process.stdout.write(JSON.stringify(counted));
