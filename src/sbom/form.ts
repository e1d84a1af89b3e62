/** Something that one form of a document (XML, tag-value …) holds and the other has no place for. */
export interface FormLoss {
  /** JSON pointer for what JSON held, a path of elements or a line for what another form held. */
  readonly at: string;
  readonly what: string;
  readonly value: string;
}
