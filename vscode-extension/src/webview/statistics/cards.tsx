import * as l10n from "@vscode/l10n";

import type { Sample, Statistics } from "../../panel/messages";
import { Card } from "../charts/card";
import { niceMost } from "../charts/geometry";
import { LineChart, type Series } from "../charts/lineChart";
import { Ring } from "../charts/ring";
import { ShareBar, type Share } from "../charts/shareBar";
import { brief, bytes, count, duration, percent } from "../words/numbers";
import { momentaryHitRate, processor, spread, values } from "./series";

interface OverTime {
  statistics: Statistics;
  samples: readonly Sample[];
  from: number;
  to: number;
  time: (at: number) => string;
}

const ROWS = 10;

export function HitRate({ statistics, samples, ...axis }: OverTime) {
  const { hitRate, hits, misses } = statistics.cache;
  const series: Series[] = [
    { name: l10n.t("so far"), colour: "blue", area: true, readings: values(samples, (sample) => sample.hitRate) },
    { name: l10n.t("at the moment"), colour: "yellow", readings: momentaryHitRate(samples, axis.from, axis.to) },
  ];
  const words = l10n.t("{0} of {1} reads were answered from memory", count(hits), count(hits + misses));
  return (
    <Card
      title={l10n.t("Cache hit rate")}
      figure={percent(hitRate)}
      caption={words}
      table={{
        head: [l10n.t("Time"), l10n.t("Hits"), l10n.t("Misses"), l10n.t("Hit rate")],
        rows: spread(samples, ROWS).map((one) => [
          axis.time(one.at),
          count(one.hits),
          count(one.misses),
          percent(one.hitRate),
        ]),
      }}
    >
      <LineChart label={`${percent(hitRate)}: ${words}`} series={series} most={100} format={percent} {...axis} />
    </Card>
  );
}

export function Predictions({ statistics, samples, ...axis }: OverTime) {
  const { hitAt1, hitAt5, evaluated, transitions, documents } = statistics.prediction;
  const series: Series[] = [
    {
      name: l10n.t("among the first five"),
      colour: "purple",
      area: true,
      readings: values(samples, (one) => one.hitAt5),
    },
    { name: l10n.t("the very first"), colour: "green", readings: values(samples, (one) => one.hitAt1) },
  ];
  const words =
    evaluated === 0
      ? l10n.t("Nothing to judge yet: it learns as you move between files")
      : l10n.t("of {0} moves to another file were foreseen", count(evaluated));
  return (
    <Card
      title={l10n.t("Next-file predictions")}
      figure={evaluated === 0 ? "–" : percent(hitAt5)}
      caption={words}
      table={{
        head: [l10n.t("Time"), l10n.t("First"), l10n.t("First five"), l10n.t("Cache predictions")],
        rows: spread(samples, ROWS).map((one) => [
          axis.time(one.at),
          percent(one.hitAt1),
          percent(one.hitAt5),
          percent(one.predictionAccuracy),
        ]),
      }}
    >
      <LineChart
        label={`${percent(hitAt5)} ${words}; ${percent(hitAt1)}`}
        series={series}
        most={100}
        format={percent}
        {...axis}
      />
      <p class="muted note">
        {l10n.t("Learned from {0} moves between {1} files.", count(transitions), count(documents))}
      </p>
    </Card>
  );
}

export function Memory({ statistics, samples, ...axis }: OverTime) {
  const { rssBytes, cpuSeconds, uptimeSeconds } = statistics.process;
  const most = niceMost(Math.max(rssBytes, ...samples.map((one) => one.rssBytes)) / 1_048_576) * 1_048_576;
  const busy = processor(samples);
  const series: Series[] = [
    { name: l10n.t("memory"), colour: "green", area: true, readings: values(samples, (one) => one.rssBytes) },
  ];
  const words = l10n.t("{0} of processor time in {1}", duration(cpuSeconds), duration(uptimeSeconds));
  return (
    <Card
      title={l10n.t("Memory")}
      figure={bytes(rssBytes)}
      caption={words}
      table={{
        head: [l10n.t("Time"), l10n.t("Memory"), l10n.t("Processor")],
        rows: spread(samples, ROWS).map((one) => {
          const cpu = busy.find(({ at }) => at === one.at)?.value;
          return [axis.time(one.at), bytes(one.rssBytes), cpu === undefined ? "–" : percent(cpu)];
        }),
      }}
    >
      <LineChart label={`${bytes(rssBytes)}, ${words}`} series={series} most={most} format={bytes} {...axis} />
    </Card>
  );
}

const TIER_COLOURS = ["blue", "purple", "green"] as const;

/** Each tier is asked only for what the ones above it did not have. */
export function Tiers({ statistics: { cache } }: { statistics: Statistics }) {
  const parts: Share[] = cache.tiers.map(({ name, hits }, number) => ({
    name,
    value: hits,
    colour: TIER_COLOURS[number % TIER_COLOURS.length] ?? "blue",
    words: count(hits),
  }));
  const misses = cache.tiers.at(-1)?.misses ?? cache.misses;
  const all = [...parts, { name: l10n.t("nowhere"), value: misses, colour: "muted" as const, words: count(misses) }];
  return (
    <Card
      title={l10n.t("Where reads were answered")}
      figure={brief(all.reduce((sum, { value }) => sum + value, 0))}
      caption={l10n.t("reads of the {0} cache", cache.backend)}
      table={{
        head: [l10n.t("Tier"), l10n.t("Hits"), l10n.t("Misses"), l10n.t("Entries"), l10n.t("Size")],
        rows: cache.tiers.map((tier) => [
          tier.name,
          count(tier.hits),
          count(tier.misses),
          count(tier.entries),
          bytes(tier.sizeBytes),
        ]),
      }}
    >
      <ShareBar label={all.map(({ name, words }) => `${name}: ${words}`).join(", ")} parts={all} />
    </Card>
  );
}

export function Sizes({ statistics: { cache, index } }: { statistics: Statistics }) {
  const parts: Share[] = [
    ...cache.tiers.map(({ name, sizeBytes }, number) => ({
      name,
      value: sizeBytes,
      colour: TIER_COLOURS[number % TIER_COLOURS.length] ?? ("blue" as const),
      words: bytes(sizeBytes),
    })),
    { name: l10n.t("index"), value: index.sizeBytes, colour: "yellow", words: bytes(index.sizeBytes) },
  ];
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  return (
    <Card
      title={l10n.t("Sizes")}
      figure={bytes(whole)}
      caption={l10n.t(
        "{0} entries in memory, at most {1}; {2} made room",
        count(cache.size),
        count(cache.maxSize),
        count(cache.evictions),
      )}
      table={{
        head: [l10n.t("What"), l10n.t("Size")],
        rows: [...parts.map(({ name, words }) => [name, words]), [l10n.t("most in memory"), bytes(cache.maxSizeBytes)]],
      }}
    >
      <ShareBar label={parts.map(({ name, words }) => `${name}: ${words}`).join(", ")} parts={parts} />
    </Card>
  );
}

export function Index({ statistics: { index, watcher } }: { statistics: Statistics }) {
  const share = index.files === 0 ? 1 : index.indexedFiles / index.files;
  const facts = [
    [l10n.t("Files"), `${count(index.indexedFiles)} / ${count(index.files)}`],
    [l10n.t("Symbols"), count(index.symbols)],
    ...(index.embeddings > 0 ? [[l10n.t("Embeddings"), count(index.embeddings)] as const] : []),
    [l10n.t("On disk"), bytes(index.sizeBytes)],
    [l10n.t("Watching"), watcher.pending > 0 ? `${watcher.mode} (+${count(watcher.pending)})` : watcher.mode],
  ] as const;
  return (
    <Card
      title={l10n.t("Index")}
      caption={indexState(index.state)}
      table={{ head: [l10n.t("What"), l10n.t("Value")], rows: facts }}
    >
      <div class="index">
        <Ring
          share={share}
          label={l10n.t("{0} of the files are indexed", percent(share * 100))}
          words={percent(share * 100)}
        />
        <dl>
          {facts.map(([name, words]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Card>
  );
}

function indexState(state: Statistics["index"]["state"]): string {
  switch (state) {
    case "cold":
      return l10n.t("not read yet");
    case "warming":
      return l10n.t("being read");
    case "ready":
      return l10n.t("up to date");
    case "degraded":
      return l10n.t("works with less than it should have; the log says why");
  }
}
