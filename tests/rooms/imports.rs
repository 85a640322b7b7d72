//! Which paths a room may name, in `use` trees and inline alike.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{ImplItemFn, Item, ItemExternCrate, ItemMod, ItemUse, Macro, MetaList, UseTree};

use super::source::{Problem, Room, Source, attributes, is_test_only};

/// What a room may not name: a path is refused with everything below it.
struct Rule {
    /// Other rooms: refused in tests too.
    rooms: &'static [&'static str],
    /// The world: tests may use it, to read a fixture for instance.
    world: &'static [&'static str],
    /// Exceptions from `world`.
    except: &'static [&'static str],
}

const DOMAIN: Rule = Rule {
    rooms: &["crate::app", "crate::ui", "crate::runner"],
    world: &[
        "std::fs",
        "std::process",
        "std::net",
        "std::env",
        "std::thread",
        "std::os",
        "std::io::stdin",
        "std::io::stdout",
        "std::io::stderr",
        "std::time::SystemTime",
        "std::time::Instant",
        "tokio",
        "crossterm",
        "ratatui",
        "notify",
        "portable_pty",
        "rustix",
        "alacritty_terminal",
        "tui_textarea",
        "tempfile",
    ],
    except: &[],
};

const UI: Rule = Rule {
    rooms: &["crate::app", "crate::runner"],
    world: &[
        "std::fs",
        "std::process",
        "std::net",
        "std::env",
        "std::thread",
        "std::os",
        "std::io::stdin",
        "std::io::stdout",
        "std::io::stderr",
        "tokio",
        "notify",
        "portable_pty",
        "rustix",
        "tempfile",
        "crossterm",
        // Types of events are fine, waiting for them is not.
        "crossterm::event::read",
        "crossterm::event::poll",
        "crossterm::event::EventStream",
    ],
    except: &["crossterm::event"],
};

const RUNNER: Rule = Rule {
    rooms: &["crate::app", "crate::ui"],
    world: &["ratatui", "crossterm", "tui_textarea"],
    except: &[],
};

fn rule(room: Room) -> Option<&'static Rule> {
    match room {
        Room::Domain => Some(&DOMAIN),
        Room::Ui => Some(&UI),
        Room::Runner => Some(&RUNNER),
        Room::App | Room::Root => None,
    }
}

fn is_below(path: &[String], prefix: &str) -> bool {
    let mut path = path.iter();
    prefix.split("::").all(|segment| path.next().is_some_and(|have| have == segment))
}

impl Rule {
    /// Whether `path` may not be named. The longest matching entry decides.
    fn refuses(&self, path: &[String], in_test: bool) -> bool {
        let longest = |list: &[&str]| {
            list.iter().filter(|entry| is_below(path, entry)).map(|entry| entry.len()).max()
        };
        let world = longest(self.world).filter(|_| !in_test);
        longest(self.rooms).is_some() || world > longest(self.except)
    }

    /// Whether `path::*` would bring in something that may not be named.
    fn refuses_glob(&self, path: &[String], in_test: bool) -> bool {
        let lists = [self.rooms, if in_test { &[] } else { self.world }];
        let prefix = format!("{}::", path.join("::"));
        self.refuses(path, in_test)
            || lists.iter().any(|list| list.iter().any(|entry| entry.starts_with(&prefix)))
    }
}

/// Every path in `source` that its room may not name.
pub fn check(source: &Source) -> Vec<Problem> {
    let Some(rule) = rule(source.room) else {
        return Vec::new();
    };
    let mut names = Names::default();
    let module = source.module.clone();
    let mut uses = Uses { names: &mut names, module: module.clone(), in_test: source.is_test };
    uses.visit_file(&source.tree);
    let mut survey =
        Survey { source, rule, names: &names, module, in_test: source.is_test, problems: vec![] };
    survey.visit_file(&source.tree);
    survey.problems.sort();
    survey.problems.dedup();
    survey.problems
}

/// What `use` items call things: production code and tests apart.
#[derive(Default)]
struct Names {
    production: BTreeMap<String, Vec<String>>,
    tests: BTreeMap<String, Vec<String>>,
}

impl Names {
    fn find(&self, name: &str, in_test: bool) -> Option<&Vec<String>> {
        let test = if in_test { self.tests.get(name) } else { None };
        test.or_else(|| self.production.get(name))
    }
}

/// One leaf of a `use` tree.
struct Leaf {
    path: Vec<String>,
    name: String,
    is_glob: bool,
    line: usize,
}

fn leaves(tree: &UseTree, before: &[String], found: &mut Vec<Leaf>) {
    let with = |ident: &syn::Ident| {
        let mut path = before.to_vec();
        if ident != "self" || path.is_empty() {
            path.push(ident.to_string());
        }
        path
    };
    let line = tree.span().start().line;
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &with(&path.ident), found),
        UseTree::Name(name) => {
            let path = with(&name.ident);
            let name = path.last().cloned().unwrap_or_default();
            found.push(Leaf { path, name, is_glob: false, line });
        }
        UseTree::Rename(rename) => found.push(Leaf {
            path: with(&rename.ident),
            name: rename.rename.to_string(),
            is_glob: false,
            line,
        }),
        UseTree::Glob(_) => {
            found.push(Leaf { path: before.to_vec(), name: "*".into(), is_glob: true, line });
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|item| leaves(item, before, found));
        }
    }
}

/// `path` from the crate's root, as far as that can be told without the compiler.
fn absolute(path: &[String], module: &[String]) -> Vec<String> {
    let mut base: Option<Vec<String>> = None;
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "self" => base = base.or_else(|| Some(module.to_vec())),
            "super" => {
                let mut up = base.unwrap_or_else(|| module.to_vec());
                up.pop();
                base = Some(up);
            }
            _ => break,
        }
        rest = after;
    }
    let mut full = match base {
        Some(base) => [vec!["crate".to_string()], base].concat(),
        None => Vec::new(),
    };
    full.extend_from_slice(rest);
    if let Some(first) = full.first_mut()
        && (first == "core" || first == "alloc")
    {
        *first = "std".into();
    }
    if is_below(&full, "ratatui::crossterm") {
        full.remove(0);
    }
    full
}

/// First pass: what the file's `use` items call things.
struct Uses<'a> {
    names: &'a mut Names,
    module: Vec<String>,
    in_test: bool,
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let outer = self.in_test;
        self.in_test |= is_test_only(attributes(item));
        visit::visit_item(self, item);
        self.in_test = outer;
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut found = Vec::new();
        leaves(&item.tree, &[], &mut found);
        let names = if self.in_test { &mut self.names.tests } else { &mut self.names.production };
        for leaf in found.into_iter().filter(|leaf| !leaf.is_glob) {
            names.insert(leaf.name, absolute(&leaf.path, &self.module));
        }
    }
}

/// Second pass: every path that is named.
struct Survey<'a> {
    source: &'a Source,
    rule: &'static Rule,
    names: &'a Names,
    module: Vec<String>,
    in_test: bool,
    problems: Vec<Problem>,
}

impl Survey<'_> {
    fn report(&mut self, line: usize, what: &str) {
        let room = format!("{:?}", self.source.room).to_lowercase();
        self.problems.push(self.source.problem(line, format!("{room} may not name `{what}`")));
    }

    fn leaf(&mut self, leaf: &Leaf) {
        let mut path = absolute(&leaf.path, &self.module);
        if let Some(known) = path.first().and_then(|first| self.names.find(first, self.in_test))
            && path.len() > 1
            && path[0] != leaf.name
        {
            path = [known.clone(), path[1..].to_vec()].concat();
        }
        if leaf.is_glob && self.rule.refuses_glob(&path, self.in_test) {
            self.report(leaf.line, &format!("{}::*", path.join("::")));
        } else if !leaf.is_glob && self.rule.refuses(&path, self.in_test) {
            self.report(leaf.line, &path.join("::"));
        }
    }

    fn inline(&mut self, path: &[String], line: usize) {
        let known = path.first().and_then(|first| self.names.find(first, self.in_test)).cloned();
        let full = match known {
            // Reported where it is imported.
            Some(known) if self.rule.refuses(&known, self.in_test) => return,
            Some(known) => [known, path[1..].to_vec()].concat(),
            None => path.to_vec(),
        };
        let full = absolute(&full, &self.module);
        // A lone word is a local name, not a crate.
        if full.len() > 1 && self.rule.refuses(&full, self.in_test) {
            self.report(line, &full.join("::"));
        }
    }

    /// Paths in tokens that syn leaves unparsed: the arguments of macros and attributes.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in &tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.inline_if_any(&mut path, line);
                        line = ident.span().start().line;
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.inline_if_any(&mut path, line);
                    colons = 0;
                }
                TokenTree::Group(group) => {
                    self.inline_if_any(&mut path, line);
                    colons = 0;
                    self.tokens(group.stream());
                }
            }
        }
        self.inline_if_any(&mut path, line);
    }

    fn inline_if_any(&mut self, path: &mut Vec<String>, line: usize) {
        if !path.is_empty() {
            self.inline(path, line);
            path.clear();
        }
    }
}

impl<'ast> Visit<'ast> for Survey<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let outer = self.in_test;
        self.in_test |= is_test_only(attributes(item));
        visit::visit_item(self, item);
        self.in_test = outer;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        let outer = self.in_test;
        self.in_test |= is_test_only(&item.attrs);
        visit::visit_impl_item_fn(self, item);
        self.in_test = outer;
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut found = Vec::new();
        leaves(&item.tree, &[], &mut found);
        found.iter().for_each(|leaf| self.leaf(leaf));
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        let path = [item.ident.to_string()];
        if self.rule.refuses(&path, self.in_test) {
            self.report(item.ident.span().start().line, &path[0]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.inline(&segments, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_meta_list(&mut self, list: &'ast MetaList) {
        self.visit_path(&list.path);
        self.tokens(list.tokens.clone());
    }
}
