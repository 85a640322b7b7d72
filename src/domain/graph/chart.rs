//! A graph as a Mermaid flowchart: <https://mermaid.js.org/syntax/flowchart.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Edge, Graph, implied};
use crate::domain::id::PhaseId;
use crate::domain::plan::Plan;
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::Status;

/// Classes of phases by status, with a look that can be read on light and on dark pages.
const CLASSES: [(Status, &str, &str); 6] = [
    (Status::NotStarted, "open", "fill:#eef2ff,stroke:#2f52b8,color:#111"),
    (Status::InProgress, "active", "fill:#fff4cc,stroke:#89650b,color:#111"),
    (Status::Complete, "done", "fill:#dff5ea,stroke:#217365,color:#111"),
    (Status::Blocked, "blocked", "fill:#eceff1,stroke:#5c6670,color:#111"),
    (Status::Deferred, "later", "fill:#fff,stroke:#5c6670,color:#111,stroke-dasharray:4"),
    (Status::Unknown, "unclear", "fill:#fde8e6,stroke:#8a3028,color:#111"),
];

/// What is drawn.
#[derive(Default)]
struct Chart {
    /// Wave, label and status of each phase, sorted by wave.
    nodes: Vec<(usize, String, Status)>,
    /// From, to.
    edges: BTreeSet<(usize, usize)>,
    /// The edges of the longest chain.
    critical: BTreeSet<(usize, usize)>,
    /// The edges that close ways round.
    closing: BTreeSet<(usize, usize)>,
}

/// The ticked phases of a plan as a Mermaid flowchart.
pub fn of_plan(plan: &Plan, roadmap: &Roadmap) -> String {
    let mut chart = Chart::default();
    let mut places: BTreeMap<&PhaseId, usize> = BTreeMap::new();
    for row in plan.rows.iter().filter(|row| row.ticked) {
        let phase = roadmap.phase(&row.id);
        let name = phase.map(|phase| phase.name.as_str()).unwrap_or_default();
        let status = phase.map_or(Status::Unknown, |phase| phase.status.state);
        // Rows come by wave: what a phase waits for is there already.
        let to = chart.nodes.len();
        let from = row.waits_for.iter().filter_map(|id| places.get(id).copied());
        chart.edges.extend(from.map(|from| (from, to)));
        places.insert(&row.id, to);
        chart.nodes.push((row.wave, format!("{} {name}", row.id), status));
    }
    let path: Vec<usize> =
        plan.critical_path.iter().filter_map(|id| places.get(id).copied()).collect();
    chart.critical = path.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let implied = implied(chart.nodes.len(), &chart.edges);
    chart.edges.retain(|edge| !implied.contains(edge) || chart.critical.contains(edge));
    chart.text()
}

/// A whole graph as a Mermaid flowchart.
pub fn of_graph(graph: &Graph) -> String {
    let mut order: Vec<usize> = (0..graph.nodes.len()).collect();
    order.sort_by_key(|at| graph.nodes[*at].wave);
    let mut place = vec![0; order.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let node = |at: &usize| {
        let node = &graph.nodes[*at];
        let note = match node.undrawn.as_slice() {
            [] => String::new(),
            words => format!(" (after {})", words.join(", ")),
        };
        let round = if node.in_cycle { " (in a cycle)" } else { "" };
        (node.wave, format!("{} {}{note}{round}", node.id, node.name), node.status)
    };
    let placed = |edge: &Edge| (place[edge.from], place[edge.to]);
    let path = graph.critical.windows(2).map(|pair| (place[pair[0]], place[pair[1]]));
    let chart = Chart {
        nodes: order.iter().map(node).collect(),
        edges: graph.edges.iter().map(placed).collect(),
        critical: path.collect(),
        closing: graph.closing.iter().map(placed).collect(),
    };
    chart.text()
}

impl Chart {
    fn text(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        for nodes in self.numbered().chunk_by(|a, b| a.1.0 == b.1.0) {
            let wave = nodes.first().map_or(1, |(_, node)| node.0);
            let _ = writeln!(text, "  subgraph w{wave}[\"Wave {wave}\"]");
            for (at, (_, label, status)) in nodes {
                let _ = writeln!(text, "    p{at}[\"{}\"]:::{}", label_text(label), class(*status));
            }
            text.push_str("  end\n");
        }
        for edge in &self.edges {
            let arrow = if self.critical.contains(edge) { "==>" } else { "-->" };
            let _ = writeln!(text, "  p{} {arrow} p{}", edge.0, edge.1);
        }
        for (from, to) in &self.closing {
            let _ = writeln!(text, "  p{from} -.->|cycle| p{to}");
        }
        for (status, name, style) in CLASSES {
            if self.nodes.iter().any(|node| node.2 == status) {
                let _ = writeln!(text, "  classDef {name} {style}");
            }
        }
        text
    }

    fn numbered(&self) -> Vec<(usize, &(usize, String, Status))> {
        self.nodes.iter().enumerate().collect()
    }
}

fn class(status: Status) -> &'static str {
    let found = CLASSES.iter().find(|(of, _, _)| *of == status);
    found.map_or("unclear", |(_, name, _)| name)
}

/// Text for a quoted label. Letters, digits, blanks and a few harmless marks stay; everything else is written by its
/// code point, so that no name can end the label, start a directive or become markup.
fn label_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            ' ' | '.' | ',' | '-' | '_' | '/' | '(' | ')' | '+' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::graph::Range;

    /// The part of the grammar that is used here; says what is wrong with a line.
    fn check(chart: &str) -> Result<(), String> {
        let mut lines = chart.lines();
        if lines.next() != Some("flowchart LR") {
            return Err("no head".into());
        }
        let (mut depth, mut nodes) = (0, BTreeSet::new());
        for line in lines {
            let line = line.trim_start();
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["subgraph", rest @ ..] => {
                    depth += 1;
                    let rest = rest.join(" ");
                    let (id, label) = rest.split_once('[').ok_or(line)?;
                    if !is_id(id, 'w') || !is_label(label.strip_suffix(']').ok_or(line)?) {
                        return Err(line.into());
                    }
                }
                ["end"] => depth -= 1,
                ["classDef", name, style] if is_word(name) && style.contains("fill:#") => {}
                [from, "-->" | "==>" | "-.->|cycle|", to]
                    if nodes.contains(*from) && nodes.contains(*to) => {}
                _ => {
                    let (id, rest) = line.split_once('[').ok_or(line)?;
                    let (label, class) = rest.rsplit_once("]:::").ok_or(line)?;
                    if depth != 1 || !is_id(id, 'p') || !is_label(label) || !is_word(class) {
                        return Err(line.into());
                    }
                    nodes.insert(id.to_owned());
                }
            }
        }
        if depth == 0 { Ok(()) } else { Err("a subgraph is open".into()) }
    }

    fn is_id(text: &str, lead: char) -> bool {
        text.strip_prefix(lead).is_some_and(|rest| rest.parse::<usize>().is_ok())
    }

    fn is_word(text: &str) -> bool {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase())
    }

    /// `"…"` in which marks are only those that mean nothing to Mermaid, and entities.
    fn is_label(text: &str) -> bool {
        let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let harmless = |c: char| c.is_alphanumeric() || " .,-_/()+#;".contains(c);
        inner.is_some_and(|inner| {
            let entity = |part: &str| {
                part.split_once(';').is_some_and(|(code, _)| code.parse::<u32>().is_ok())
            };
            inner.chars().all(harmless) && inner.split('#').skip(1).all(entity)
        })
    }

    fn graph(name: &str) -> Graph {
        let text = format!(
            "### Phase 1: {name}\n- **Status:** 🔄 In Progress\n\n### Phase 2: Two\n- **Status:** ⚪ Not Started\n\
             - **Depends On:** 1\n\n### Phase 3: Three\n- **Status:** ⚪ Not Started\n"
        );
        Graph::new(&Roadmap::parse(text.into_bytes()), &BTreeSet::new(), Range::Open)
    }

    #[test]
    fn waves_are_subgraphs_and_the_longest_chain_is_thick() {
        let chart = of_graph(&graph("One \"quoted\" #1"));
        assert_eq!(check(&chart), Ok(()));
        let wanted = "\
flowchart LR
  subgraph w1[\"Wave 1\"]
    p0[\"1 One #34;quoted#34; #35;1\"]:::active
    p1[\"3 Three\"]:::open
  end
  subgraph w2[\"Wave 2\"]
    p2[\"2 Two\"]:::open
  end
  p0 ==> p2
  classDef open fill:#eef2ff,stroke:#2f52b8,color:#111
  classDef active fill:#fff4cc,stroke:#89650b,color:#111
";
        assert_eq!(chart, wanted);
    }

    #[test]
    fn the_check_finds_what_is_wrong() {
        let head = "flowchart LR\n  subgraph w1[\"Wave 1\"]\n";
        for (bad, rest) in [
            ("p0[\"a\"b\"]:::open", "  end\n"),
            ("p0[\"a#\"]:::open", "  end\n"),
            ("p0[\"%%{init}%%\"]:::open", "  end\n"),
            ("p0[\"a\"]:::open", ""),
            ("p0 --> p1", "  end\n"),
            ("click p0 call x()", "  end\n"),
        ] {
            assert!(check(&format!("{head}    {bad}\n{rest}")).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_name_breaks_the_chart(name in "(\\PC|[\"`#;%{}<>\\[\\]|\\\\&]){1,40}") {
            let chart = of_graph(&graph(&name));
            prop_assert_eq!(check(&chart), Ok(()), "{}", chart);
        }
    }
}
