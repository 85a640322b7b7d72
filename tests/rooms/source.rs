//! Source files of this crate, parsed, with the room they live in.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Item, Meta};

/// Where a file lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// `src/domain`.
    Domain,
    /// `src/ui`.
    Ui,
    /// `src/runner`.
    Runner,
    /// `src/app`.
    App,
    /// `src/lib.rs`, `src/main.rs`.
    Root,
}

/// One source file.
pub struct Source {
    /// Path from the crate's root, with `/`.
    pub path: String,
    /// Its room.
    pub room: Room,
    /// Its module path behind `crate`.
    pub module: Vec<String>,
    /// Its text.
    pub text: String,
    /// Its syntax.
    pub tree: syn::File,
    /// Whether the whole file is a test module.
    pub is_test: bool,
}

/// Something found, with its place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}

impl Source {
    /// Parses `text` as the file `path`, which starts with `src/`.
    pub fn parse(path: &str, text: &str) -> Result<Self, String> {
        let tree = syn::parse_file(text)
            .map_err(|error| format!("{path}:{}: {error}", error.span().start().line))?;
        let inside = path.strip_prefix("src/").unwrap_or(path);
        let mut module: Vec<String> =
            inside.trim_end_matches(".rs").split('/').map(str::to_string).collect();
        let last = module.last().cloned().unwrap_or_default();
        if last == "mod" || (module.len() == 1 && (last == "lib" || last == "main")) {
            module.pop();
        }
        let room = match module.first().map(String::as_str) {
            Some("domain") => Room::Domain,
            Some("ui") => Room::Ui,
            Some("runner") => Room::Runner,
            Some("app") => Room::App,
            _ => Room::Root,
        };
        Ok(Self { path: path.into(), room, module, text: text.into(), tree, is_test: false })
    }

    /// A problem in this file.
    pub fn problem(&self, line: usize, text: String) -> Problem {
        Problem { path: self.path.clone(), line, text }
    }
}

/// Every Rust file below `src` of the crate at `root`, in order of its path.
pub fn read_all(root: &Path) -> Result<Vec<Source>, String> {
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files).map_err(|error| format!("src: {error}"))?;
    files.sort();
    let mut sources = Vec::new();
    for file in files {
        let path = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{path}: {error}"))?;
        sources.push(Source::parse(&path, &text)?);
    }
    mark_test_files(&mut sources);
    Ok(sources)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// A file declared as `#[cfg(test)] mod name;` is a test, and so is all below it.
fn mark_test_files(sources: &mut [Source]) {
    let mut tests = BTreeSet::new();
    for source in sources.iter() {
        for item in &source.tree.items {
            if let Item::Mod(module) = item
                && module.content.is_none()
                && is_test_only(&module.attrs)
            {
                let mut path = source.module.clone();
                path.push(module.ident.to_string());
                tests.insert(path);
            }
        }
    }
    for source in sources {
        source.is_test = tests.iter().any(|test| source.module.starts_with(test));
    }
}

/// Whether an item with these attributes exists in test builds only.
pub fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            let words = words(list.tokens.clone());
            words.iter().any(|word| word == "test") && !words.iter().any(|word| word == "not")
        }
        Meta::List(_) | Meta::NameValue(_) => false,
    })
}

fn words(tokens: TokenStream) -> Vec<String> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(ident) => vec![ident.to_string()],
            TokenTree::Group(group) => words(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => Vec::new(),
        })
        .collect()
}

/// The attributes of an item.
pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
