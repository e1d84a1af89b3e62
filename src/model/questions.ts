/** The eight questions, in the order in which everything shows them. A question's id is also the first half of its rules' names. */
export const questions = [
  { id: "identity", title: "What is it?" },
  { id: "integrity", title: "Is it what was published?" },
  { id: "provenance", title: "Where did it come from?" },
  { id: "continuity", title: "Is this release like the ones before?" },
  { id: "behaviour", title: "What can it do, and what is new?" },
  { id: "advisories", title: "What is known against it?" },
  { id: "upkeep", title: "Who looks after it, and will they last?" },
  { id: "exposure", title: "What falls if it falls?" },
] as const;

export type QuestionId = (typeof questions)[number]["id"];
