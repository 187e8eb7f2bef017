import {
  COMPARISONS,
  type Comparison,
  type Condition,
  conditionsOf,
  type Dataset,
  type Expression,
  type Filter,
  FilterRefused,
  type Operand,
  type Operator,
} from './expression.ts';
import { shown, type Token, tokensOf } from './tokens.ts';

/** Source: `FilterExpression` of the service's model. */
const MAX_LENGTH = 2_500;
/** Source: "Guidelines and requirements" of filter expressions, Personalize developer guide. */
const MAX_FIELDS = 10;

/**
 * Reads a filter expression. Keywords, datasets and fields may be written in any case, as AWS's own samples do.
 * Conditions can't be grouped by parentheses: the developer guide knows them for lists only.
 * @throws FilterRefused
 */
export function parseFilter(expression: string): Filter {
  if (expression.trim() === '' || expression.length > MAX_LENGTH) {
    throw new FilterRefused(
      `Expected a filter expression of 1 to ${MAX_LENGTH} characters, got ${expression.length}.`,
    );
  }
  const expressions = new Parser(tokensOf(expression)).filter();
  const conditions = expressions.flatMap(conditionsOf);
  const operands = conditions.flatMap((condition) => condition.operands);
  const currentFields = operands.flatMap((one) => (one.kind === 'current-item' ? `Items.${one.field}` : []));
  const fields = [...new Set([...conditions.map(fieldName), ...currentFields])];
  if (fields.length > MAX_FIELDS) {
    throw new FilterRefused(`Expected at most ${MAX_FIELDS} distinct fields, got ${fields.length}.`);
  }
  return {
    expressions,
    parameters: [...new Set(operands.flatMap((one) => (one.kind === 'parameter' ? one.name : [])))],
    fields,
    usesCurrentItem: currentFields.length > 0,
  };
}

function fieldName({ dataset, field }: Condition): string {
  return `${dataset === 'CurrentUser' ? 'Users' : dataset}.${field}`;
}

class Parser {
  readonly #tokens: readonly Token[];
  #place = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  filter(): Expression[] {
    const expressions = [this.#expression()];
    while (this.#takes('|')) expressions.push(this.#expression());
    if (this.#next.kind !== 'end') throw this.#expected('AND, OR, IF, | or the end');
    return expressions;
  }

  #expression(): Expression {
    const action = this.#keyword('INCLUDE', 'EXCLUDE');
    this.#keyword('ITEMID');
    this.#keyword('WHERE');
    const where = this.#where();
    if (!this.#takes('IF')) return { action, where, onlyIf: [] };
    const onlyIf = [this.#condition(['CurrentUser'])];
    while (this.#takes('AND')) onlyIf.push(this.#condition(['CurrentUser']));
    if (this.#isNext('OR', 'IF')) throw this.#expected('AND, | or the end after IF');
    return { action, where, onlyIf };
  }

  #where(): Condition[][] {
    const first = this.#condition(['Interactions', 'Items']);
    const alternatives = [[first]];
    for (;;) {
      if (this.#takes('AND')) alternatives.at(-1)?.push(this.#condition([first.dataset]));
      else if (this.#takes('OR')) alternatives.push([this.#condition([first.dataset])]);
      else return alternatives;
    }
  }

  #condition(datasets: readonly Dataset[]): Condition {
    const dataset = this.#dataset(datasets);
    const field = this.#field();
    const { at } = this.#tokens[this.#place - 1] as Token;
    if (dataset === 'Interactions' && field !== 'EVENT_TYPE') {
      throw new FilterRefused(
        `Expected EVENT_TYPE at character ${at}, the only field of Interactions, got ${field}.`,
      );
    }
    const operator = this.#operator(dataset);
    const operands =
      operator === 'IN' || operator === 'NOT IN'
        ? this.#members(dataset, operator)
        : [this.#compared(dataset, operator)];
    return { dataset, field, operator, operands };
  }

  #dataset(datasets: readonly Dataset[]): Dataset {
    const found = datasets.find((name) => this.#isNext(name));
    if (found === undefined) {
      const names = datasets.join(' or ');
      const why = datasets.length === 1 && datasets[0] !== 'CurrentUser' ? ', as in the first condition' : '';
      throw this.#expected(`a field of ${names}${why}`);
    }
    this.#place += 1;
    return found;
  }

  #field(): string {
    if (!this.#takes('.')) throw this.#expected('a dot and a field');
    if (this.#next.kind !== 'word') throw this.#expected('a field');
    return this.#take().value.toUpperCase();
  }

  #operator(dataset: Dataset): Operator {
    if (this.#takes('IN')) return 'IN';
    if (this.#takes('NOT')) {
      this.#keyword('IN');
      return 'NOT IN';
    }
    const comparison = COMPARISONS.find((sign) => this.#next.kind === 'sign' && this.#next.value === sign);
    if (dataset === 'Interactions') throw this.#expected('IN or NOT IN');
    if (comparison === undefined) throw this.#expected(`IN, NOT IN, ${COMPARISONS.join(', ')}`);
    this.#place += 1;
    return comparison;
  }

  /** `("cat", $MORE)` or `CurrentItem.FIELD`. */
  #members(dataset: Dataset, operator: 'IN' | 'NOT IN'): Operand[] {
    if (dataset === 'Items' && this.#isNext('CurrentItem')) return [this.#currentItem()];
    if (!this.#takes('(')) throw this.#expected('( and a list');
    const members: Operand[] = [];
    do {
      members.push(this.#member(dataset, operator));
    } while (this.#takes(','));
    if (!this.#takes(')')) throw this.#expected(', or )');
    return members;
  }

  #member(dataset: Dataset, operator: 'IN' | 'NOT IN'): Operand {
    const { kind, value, at } = this.#next;
    if (kind === 'parameter') {
      if (operator === 'IN') return this.#parameter();
      throw new FilterRefused(
        `Expected a text at character ${at}, got $${value}: NOT IN takes no parameters. Turn INCLUDE and EXCLUDE round, and use IN.`,
      );
    }
    if (kind !== 'text') throw this.#expected('a text in double quotes or a $PARAMETER');
    if (value === '*' && dataset !== 'Interactions') {
      throw new FilterRefused(
        `Expected a text other than "*" at character ${at}: it stands for all types of events.`,
      );
    }
    this.#place += 1;
    return { kind: 'text', text: value };
  }

  /** A number, a text where it can be equal, `$PARAMETER`, `($PARAMETER)` or `CurrentItem.FIELD`. */
  #compared(dataset: Dataset, operator: Comparison): Operand {
    if (dataset === 'Items' && this.#isNext('CurrentItem')) return this.#currentItem();
    if (this.#takes('(')) {
      if (this.#next.kind !== 'parameter') throw this.#expected('a $PARAMETER');
      const operand = this.#parameter();
      if (!this.#takes(')')) throw this.#expected(')');
      return operand;
    }
    const { kind, value } = this.#next;
    if (kind === 'parameter') return this.#parameter();
    const takesText = operator === '=' || operator === '!=';
    if (kind !== 'number' && !(kind === 'text' && takesText)) {
      throw this.#expected(`a number${takesText ? ', a text' : ''} or a $PARAMETER`);
    }
    this.#place += 1;
    return kind === 'number' ? { kind, number: Number(value) } : { kind: 'text', text: value };
  }

  #currentItem(): Operand {
    this.#place += 1;
    return { kind: 'current-item', field: this.#field() };
  }

  #parameter(): Operand {
    return { kind: 'parameter', name: this.#take().value };
  }

  get #next(): Token {
    return this.#tokens[this.#place] as Token;
  }

  #take(): Token {
    const token = this.#next;
    this.#place += 1;
    return token;
  }

  /** Whether the next token is one of these words or signs. */
  #isNext(...words: readonly string[]): boolean {
    const { kind, value } = this.#next;
    return (
      (kind === 'word' || kind === 'sign') && words.some((word) => word.toUpperCase() === value.toUpperCase())
    );
  }

  #takes(word: string): boolean {
    const isNext = this.#isNext(word);
    if (isNext) this.#place += 1;
    return isNext;
  }

  #keyword<Word extends string>(...words: readonly Word[]): Word {
    const found = words.find((word) => this.#takes(word));
    if (found === undefined) throw this.#expected(words.join(' or '));
    return found;
  }

  #expected(what: string): FilterRefused {
    return new FilterRefused(`Expected ${what} at character ${this.#next.at}, got ${shown(this.#next)}.`);
  }
}
