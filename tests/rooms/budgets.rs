//! Budgets: how long, wide and open anything may be.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Block, FnArg, ImplItemFn, Item, ItemEnum, ItemFn, ItemImpl, ItemStruct, Macro, Signature,
    TraitItemFn, Type,
};

use super::source::{Problem, Source, attributes, is_test_only};

const FILE_LINES: usize = 400;
const BODY_LINES: usize = 40;
const FIELDS: usize = 12;
const VARIANTS: usize = 20;
const PARAMETERS: usize = 4;

/// Everything in `source` that is over a budget. Test code is free of them.
pub fn check(source: &Source) -> Vec<Problem> {
    if source.is_test {
        return Vec::new();
    }
    let mut survey = Survey { source, problems: Vec::new(), in_trait_impl: false };
    survey.file();
    survey.visit_file(&source.tree);
    survey.problems
}

struct Survey<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
    /// The signatures there are dictated by the trait, which is checked where it is ours.
    in_trait_impl: bool,
}

impl Survey<'_> {
    fn report(&mut self, line: usize, text: String) {
        self.problems.push(self.source.problem(line, text));
    }

    fn file(&mut self) {
        let lines = match self.source.tree.items.last() {
            Some(Item::Mod(tests)) if is_test_only(&tests.attrs) => {
                tests.attrs.first().map_or(tests.span(), Spanned::span).start().line - 1
            }
            _ => self.source.text.lines().count(),
        };
        if lines > FILE_LINES {
            self.report(
                1,
                format!("the file has {lines} lines before its tests, at most {FILE_LINES} are allowed: split it by nouns"),
            );
        }
    }

    fn body(&mut self, signature: &Signature, block: &Block) {
        let lines = block.span().end().line.saturating_sub(block.span().start().line + 1);
        if lines > BODY_LINES {
            self.report(
                signature.ident.span().start().line,
                format!(
                    "`{}` has a body of {lines} lines, at most {BODY_LINES} are allowed",
                    signature.ident
                ),
            );
        }
    }

    fn signature(&mut self, signature: &Signature) {
        let line = signature.ident.span().start().line;
        let typed: Vec<_> = signature
            .inputs
            .iter()
            .filter_map(|input| match input {
                FnArg::Typed(typed) => Some(typed),
                FnArg::Receiver(_) => None,
            })
            .collect();
        if typed.len() > PARAMETERS {
            self.report(
                line,
                format!(
                    "`{}` takes {} parameters, at most {PARAMETERS} besides self are allowed: group what belongs together",
                    signature.ident,
                    typed.len()
                ),
            );
        }
        for typed in typed.iter().filter(|typed| is_bool(&typed.ty)) {
            let name = self.text_at(typed.pat.span());
            self.report(
                line,
                format!(
                    "`{}` takes a bool (`{name}`): name the two cases in an enum",
                    signature.ident
                ),
            );
        }
    }

    fn text_at(&self, span: proc_macro2::Span) -> String {
        let (start, end) = (span.start(), span.end());
        let line = self.source.text.lines().nth(start.line - 1).unwrap_or_default();
        let length = if start.line == end.line { end.column - start.column } else { usize::MAX };
        line.chars().skip(start.column).take(length).collect()
    }

    fn fields(&mut self, name: &str, line: usize, count: usize) {
        if count > FIELDS {
            self.report(line, format!("`{name}` has {count} fields, at most {FIELDS} are allowed"));
        }
    }

    /// Unfinished code inside the arguments of a macro, which syn leaves as tokens.
    fn unfinished(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.unfinished(group.stream()),
                TokenTree::Ident(ident) => {
                    let is_call = is_punct(tokens.get(index + 1), '!')
                        && matches!(tokens.get(index + 2), Some(TokenTree::Group(_)));
                    if is_call {
                        self.unfinished_macro(ident);
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn unfinished_macro(&mut self, name: &proc_macro2::Ident) {
        if name == "todo" || name == "unimplemented" {
            let line = name.span().start().line;
            self.report(line, format!("`{name}!` is unfinished: leave out what is not built yet"));
        }
    }
}

fn is_punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

fn is_bool(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.is_ident("bool"),
        Type::Reference(reference) => is_bool(&reference.elem),
        Type::Paren(inner) => is_bool(&inner.elem),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Survey<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test_only(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.signature(&item.sig);
        self.body(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if is_test_only(&item.attrs) {
            return;
        }
        if !self.in_trait_impl {
            self.signature(&item.sig);
        }
        self.body(&item.sig, &item.block);
        let outer = std::mem::replace(&mut self.in_trait_impl, false);
        visit::visit_impl_item_fn(self, item);
        self.in_trait_impl = outer;
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let outer = std::mem::replace(&mut self.in_trait_impl, item.trait_.is_some());
        visit::visit_item_impl(self, item);
        self.in_trait_impl = outer;
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.signature(&item.sig);
        if let Some(block) = &item.default {
            self.body(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.fields(&item.ident.to_string(), item.ident.span().start().line, item.fields.len());
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        if item.variants.len() > VARIANTS {
            self.report(
                item.ident.span().start().line,
                format!(
                    "`{}` has {} variants, at most {VARIANTS} are allowed: split it by meaning",
                    item.ident,
                    item.variants.len()
                ),
            );
        }
        for variant in &item.variants {
            let name = format!("{}::{}", item.ident, variant.ident);
            self.fields(&name, variant.ident.span().start().line, variant.fields.len());
        }
        visit::visit_item_enum(self, item);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if let Some(last) = call.path.segments.last() {
            self.unfinished_macro(&last.ident);
        }
        self.unfinished(call.tokens.clone());
    }
}
