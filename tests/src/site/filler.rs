//! What stands between the links: text, code and tables with the markup that real pages have.

use super::draw::Draw;
use std::fmt::Write;

/// Blocks to choose from.
pub(super) struct Filler {
    blocks: Vec<String>,
}

impl Filler {
    pub(super) fn new(seed: u64) -> Self {
        let mut draw = Draw::new(seed, "filler", 0);
        let blocks = (0..400)
            .map(|block| match block % 10 {
                0..7 => paragraph(&mut draw),
                7 | 8 => code(&mut draw),
                _ => table(&mut draw),
            })
            .collect();
        Self { blocks }
    }

    pub(super) fn block(&self, draw: &mut Draw) -> &str {
        draw.pick::<String>(&self.blocks)
    }
}

pub(super) fn word(draw: &mut Draw) -> &'static str {
    draw.pick::<&str>(WORDS)
}

fn paragraph(draw: &mut Draw) -> String {
    let mut text = String::from("<p class=\"body-text\">");
    for at in 0..30 + draw.below(80) {
        let next = word(draw);
        let _ = match (at % 17, draw.below(20)) {
            (0, 0..6) => write!(text, "<em>{next}</em> "),
            (0, 6..10) => write!(text, "<code>{next}</code> "),
            (0, 10..12) => write!(text, "<span class=\"hl\" data-i=\"{at}\">{next}</span> "),
            (0, 12..14) => write!(text, "<strong>{next}</strong> &amp; {next} &mdash; "),
            (0, 14) => write!(text, "1 < 2 and a&b, caf\u{e9} "),
            _ => write!(text, "{next} "),
        };
    }
    text + "</p>\n"
}

fn code(draw: &mut Draw) -> String {
    let mut text = String::from("<pre class=\"code\"><code class=\"language-rust\">");
    for _ in 0..4 + draw.below(12) {
        let (name, call, argument) = (word(draw), word(draw), word(draw));
        let _ = writeln!(
            text,
            "<span class=\"line\"><span class=\"k\">let</span> <span class=\"n\">{name}</span> = \
             <span class=\"nf\">{call}</span>(<span class=\"s\">&quot;{argument}&quot;</span>);</span>"
        );
    }
    text + "</code></pre>\n"
}

fn table(draw: &mut Draw) -> String {
    let mut text = String::from("<table class=\"tbl\"><thead><tr><th>a<th>b<th>c<th>d</tr></thead><tbody>\n");
    for _ in 0..4 + draw.below(8) {
        text.push_str("<tr>");
        for column in 0..4 {
            let _ = write!(text, "<td class=\"c{column}\">{} {}</td>", word(draw), draw.below(10_000));
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody></table>\n"
}

const WORDS: &[&str] = &[
    "amber", "anchor", "answer", "archive", "basket", "beacon", "border", "branch", "bridge", "buffer",
    "candle", "canvas", "carbon", "castle", "circle", "cluster", "copper", "corner", "cotton", "crystal",
    "cursor", "desert", "document", "engine", "fabric", "falcon", "feather", "filter", "forest", "frontier",
    "garden", "glacier", "granite", "harbour", "header", "hollow", "index", "island", "jacket", "kernel",
    "ladder", "lantern", "ledger", "library", "marble", "meadow", "mirror", "module", "mountain", "needle",
    "network", "object", "orchard", "packet", "paper", "pebble", "pencil", "picture", "planet", "pocket",
    "policy", "portal", "quarry", "quartz", "ribbon", "river", "saddle", "schedule", "shadow", "signal",
    "silver", "socket", "spring", "stream", "summer", "table", "thread", "timber", "token", "tunnel",
    "valley", "velvet", "vessel", "village", "violet", "voyage", "walnut", "willow", "window", "winter",
    "yellow",
];
