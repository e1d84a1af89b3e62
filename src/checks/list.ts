/**
 * Every rule there is, in the order of the eight questions: this list is the architecture's drawing. A question without a rule in it
 * is reported as "not asked yet". A rule is one file in `<question>/`, its test, its page `<rule>.md`, and one line here.
 */
import type { Check } from "../model/index.ts";

export const checks: readonly Check[] = [];
