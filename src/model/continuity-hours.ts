/**
 * At which hour somebody releases, and in which time zone: an account in other hands often sits elsewhere, or is awake at other times. Git's dates say
 * the zone; registries tell all times in UTC, where only the hour is left, which says little.
 */

/** Releases of one publisher before their hours say anything. */
const HOURS_HABIT = 20;
/** The zone of a time in hours east of UTC; null where it says none but UTC's own letter, as registries do. */
function zoneOf(at: string): number | null {
  const match = /T.*([+-])(\d\d):?(\d\d)$/.exec(at);
  return match === null ? null : (match[1] === "-" ? -1 : 1) * (Number(match[2]) + Number(match[3]) / 60);
}

/**
 * Hours between the zone of a release and the nearest zone in which the same publisher released before; -1 where nothing is known of either.
 * `mine`: times of his releases before, ISO 8601.
 */
export function zoneMove(at: string, mine: readonly string[]): number {
  const zone = zoneOf(at);
  const seen = mine.map(zoneOf).filter((one) => one !== null);
  return zone === null || seen.length === 0 ? -1 : Math.min(...seen.map((one) => Math.abs(one - zone)));
}

/** Hours, around the clock, between the hour (UTC) of a release and the nearest at which its publisher released before; -1 where those are few. */
export function hourMove(at: string, mine: readonly string[]): number {
  const hour = hourOf(at);
  const seen = mine.map(hourOf).filter((one) => !Number.isNaN(one));
  if (Number.isNaN(hour) || seen.length < HOURS_HABIT) return -1;
  const nearest = Math.min(...seen.map((one) => Math.min(Math.abs(one - hour), 24 - Math.abs(one - hour))));
  return Math.round(nearest * 100) / 100;
}

const hourOf = (at: string): number => {
  const time = new Date(at);
  return time.getUTCHours() + time.getUTCMinutes() / 60;
};
