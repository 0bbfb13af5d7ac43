//! Findings as text with the statement and a caret, and as JSON.

use super::finding::{Finding, Level};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level as Style, Origin, Renderer, Snippet};

/// Findings for a person: each with its statement, a caret, the reason, the lock and the recipe.
///
/// - `colours`: whether the terminal shows them
pub fn text(findings: &[Finding], colours: bool) -> String {
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(160);
    let mut text = String::new();
    for finding in findings {
        text.push_str(&renderer.render(&[group(finding)]));
        text.push_str("\n\n");
    }
    text
}

/// Findings for a program: an array of objects.
pub fn json(findings: &[Finding]) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(findings)
}

fn group(finding: &Finding) -> annotate_snippets::Group<'_> {
    let level = match finding.level {
        Level::Error => Style::ERROR,
        Level::Warn => Style::WARNING,
        Level::Note | Level::Off => Style::NOTE,
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.rule);
    let group = if finding.statement.is_empty() {
        title.element(Origin::path(finding.path.as_str()).line(finding.line).char_column(finding.column))
    } else {
        // The statement's first line is moved to the column where it stands in the file.
        let indent = finding.statement_column.saturating_sub(1);
        let source = format!("{}{}", " ".repeat(indent), finding.statement);
        let span = finding.span.start + indent..finding.span.end + indent;
        title.element(
            Snippet::source(source)
                .line_start(finding.statement_line)
                .path(finding.path.as_str())
                .annotation(AnnotationKind::Primary.span(span)),
        )
    };
    let mut group = group.element(Style::NOTE.message(finding.reason));
    if let Some(lock) = finding.lock {
        group = group.element(Style::NOTE.with_name(Some("lock")).message(format!("{lock}: {}", lock.blocks())));
    }
    group = group.element(Style::HELP.message(finding.recipe));
    if let Some(fix) = &finding.fix {
        group = group.element(Style::HELP.with_name(Some("--fix")).message(fix.title.as_str()));
    }
    group.element(Style::NOTE.with_name(Some("docs")).message(finding.docs.as_str()))
}
