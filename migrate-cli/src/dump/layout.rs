//! Statements for people and for diffs.

use peristyle_migration_files::lexer::{Flavor, tokens};

/// A statement with its semicolon; of CREATE TABLE, each column and each constraint on a line.
pub(super) fn statement(sql: &str, flavor: Flavor) -> String {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    let laid_out = create_table(sql, flavor).unwrap_or_else(|| sql.to_owned());
    // A comment at the end would swallow the semicolon.
    let is_comment = tokens(&laid_out, flavor).is_ok_and(|tokens| tokens.last().is_some_and(|token| token.is_trivia()));
    laid_out + if is_comment { "\n;\n" } else { ";\n" }
}

fn create_table(sql: &str, flavor: Flavor) -> Option<String> {
    let tokens = tokens(sql, flavor).ok()?;
    let mut words = tokens.iter().filter(|token| !token.is_trivia());
    let is_table = words.next()?.is_word(sql, "create")
        && words.take_while(|token| !token.is_punctuation(sql, "(")).any(|token| token.is_word(sql, "table"));
    if !is_table {
        return None;
    }
    let (mut text, mut depth, mut after_break) = (String::new(), 0usize, false);
    let mut is_list = true;
    for token in &tokens {
        let own = token.text(sql);
        if after_break && token.is_trivia() {
            continue;
        }
        after_break = false;
        match own {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if own == ")" && depth == 0 && is_list {
            text.truncate(text.trim_end().len());
            text.push('\n');
            is_list = false;
        }
        text.push_str(own);
        if is_list && depth == 1 && (own == "," || own == "(") && !is_nested(own, &text) {
            text.push_str("\n  ");
            after_break = true;
        }
    }
    // A table without columns.
    Some(text.replacen("(\n)", "()", 1))
}

/// Whether an opening parenthesis is another one than that of the list.
fn is_nested(own: &str, text: &str) -> bool {
    own == "(" && text.contains("\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_has_a_line() {
        let sql = r#"CREATE UNLOGGED TABLE "a(,b" ("x" numeric(10,2) DEFAULT ',(', CHECK ("x" > (1, 2)), UNIQUE ("x", "y")) WITH (a=1, b=2)"#;
        insta::assert_snapshot!(statement(sql, Flavor::Postgres), @r#"
        CREATE UNLOGGED TABLE "a(,b" (
          "x" numeric(10,2) DEFAULT ',(',
          CHECK ("x" > (1, 2)),
          UNIQUE ("x", "y")
        ) WITH (a=1, b=2);
        "#);
        assert_eq!(statement("CREATE TABLE t () INHERITS (a)", Flavor::Postgres), "CREATE TABLE t () INHERITS (a);\n");
    }

    #[test]
    fn other_statements_stay_as_they_are() {
        assert_eq!(statement("CREATE INDEX i ON t (a, b);", Flavor::Sqlite), "CREATE INDEX i ON t (a, b);\n");
        assert_eq!(statement("SELECT 1 -- one", Flavor::Sqlite), "SELECT 1 -- one\n;\n");
    }
}
