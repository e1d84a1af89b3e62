/** What a use case says while it works; whoever started it may draw it. Works may run side by side. */
export interface ProgressEvent {
  /** What is being done, as a phrase with its verb first: `fetching package documents`. */
  readonly work: string;
  readonly done: number;
  /** Absent where it is not known. */
  readonly total?: number;
  /** The work has ended, whatever the numbers say. */
  readonly ended?: boolean;
}

export type OnProgress = (event: ProgressEvent) => void;
