import * as l10n from "@vscode/l10n";
import type { ComponentChildren } from "preact";

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface CardProps {
  title: string;
  /** The one number that says most. */
  figure?: string;
  /** What the number is. */
  caption?: string;
  table: Table;
  children: ComponentChildren;
}

/** A chart with its name, its most telling number, and the same as a table for those who'd rather read. */
export function Card({ title, figure, caption, table, children }: CardProps) {
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {figure !== undefined && <p class="figure">{figure}</p>}
        {caption !== undefined && <p class="muted">{caption}</p>}
      </header>
      {children}
      <details>
        <summary>{l10n.t("As a table")}</summary>
        <table>
          <caption class="hidden">{title}</caption>
          <thead>
            <tr>
              {table.head.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, number) => (
              <tr key={number}>
                {row.map((cell, column) =>
                  column === 0 ? (
                    <th key={column} scope="row">
                      {cell}
                    </th>
                  ) : (
                    <td key={column}>{cell}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}
