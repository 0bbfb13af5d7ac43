//! ALTER TABLE, part by part: a part that sqlparser does not know leaves the others readable.

use super::super::action::{Action, Alteration, Column, Constraint, ConstraintRule, Kind, Stored};
use super::tokens::{Cursor, Piece};
use super::{Reader, parse_type};
use crate::catalog::ObjectName;
use sqlparser::ast::{self, AlterColumnOperation, AlterTableOperation};
use sqlparser::tokenizer::Token;
use std::ops::Range;

impl Reader<'_> {
    /// Reads what stands behind `ALTER TABLE`.
    pub(super) fn alter_table(&self, mut cursor: Cursor<'_>) -> (Vec<Action>, bool) {
        if cursor.eat("ALL IN TABLESPACE") {
            return (Vec::new(), true);
        }
        cursor.eat("IF EXISTS");
        cursor.eat("ONLY");
        let Some((table, _)) = cursor.name() else { return (Vec::new(), false) };
        if matches!(cursor.peek(), Some(Piece { token: Token::Mul, .. })) {
            cursor.next();
        }
        let parts = parts(cursor.rest());
        let whole = self.parse(self.text).and_then(operations).filter(|found| found.len() == parts.len());
        let mut actions = Vec::new();
        let mut understood = true;
        for (at, part) in parts.iter().enumerate() {
            let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
            let span = first.span.start..last.span.end;
            let operation = match &whole {
                Some(operations) => operations.get(at).cloned(),
                None => self.parse_part(&parts, at).and_then(|found| found.into_iter().next()),
            };
            let kinds = match operation {
                Some(operation) => Some(self.operation(&table, &operation)),
                None => self.part_by_tokens(&table, part),
            };
            match kinds {
                Some(kinds) => {
                    actions.extend(kinds.into_iter().map(|kind| Action { kind, span: span.clone() }));
                }
                None => {
                    understood = false;
                    let what = Alteration::Other;
                    actions.push(Action { kind: Kind::AlterTable { table: table.clone(), what }, span });
                }
            }
        }
        (actions, understood)
    }

    /// Parses the statement with every other part blanked out, so that places stay what they are.
    fn parse_part(&self, parts: &[&[Piece]], at: usize) -> Option<Vec<AlterTableOperation>> {
        let mut text = self.text.to_owned();
        let range = |part: &[Piece]| Some(part.first()?.span.start..part.last()?.span.end);
        let kept = range(parts.get(at)?)?;
        let first = range(parts.first()?)?.start;
        let last = range(parts.last()?)?.end;
        for gone in [kept.end..last, first..kept.start] {
            let blank: String = blanked(text.get(gone.clone())?);
            text.replace_range(gone, &blank);
        }
        self.parse(&text).and_then(operations)
    }

    fn operation(&self, table: &ObjectName, operation: &AlterTableOperation) -> Vec<Kind> {
        let table = table.clone();
        let alter = |what| vec![Kind::AlterTable { table: table.clone(), what }];
        let with_cascade = |kind: Kind, behavior: &Option<ast::DropBehavior>| match behavior {
            Some(ast::DropBehavior::Cascade) => vec![kind, Kind::Cascade],
            _ => vec![kind],
        };
        match operation {
            AlterTableOperation::AddConstraint { constraint, not_valid } => {
                match self.constraint(constraint, *not_valid) {
                    Some(constraint) => vec![Kind::AddConstraint { table, constraint }],
                    None => alter(Alteration::Other),
                }
            }
            AlterTableOperation::AddColumn { column_def, .. } => {
                vec![Kind::AddColumn { table, column: self.column(column_def) }]
            }
            AlterTableOperation::DropColumn { column_names, drop_behavior, .. } => column_names
                .iter()
                .flat_map(|column| {
                    let kind = Kind::DropColumn { table: table.clone(), column: self.word(column) };
                    with_cascade(kind, drop_behavior)
                })
                .collect(),
            AlterTableOperation::DropConstraint { name, drop_behavior, .. }
            | AlterTableOperation::DropForeignKey { name, drop_behavior, .. } => {
                with_cascade(Kind::DropConstraint { table, name: Some(self.word(name).name) }, drop_behavior)
            }
            AlterTableOperation::DropPrimaryKey { drop_behavior } => {
                with_cascade(Kind::DropConstraint { table, name: None }, drop_behavior)
            }
            AlterTableOperation::RenameColumn { old_column_name, new_column_name } => {
                let (column, to) = (self.word(old_column_name), self.word(new_column_name));
                vec![Kind::RenameColumn { table, column, to }]
            }
            AlterTableOperation::RenameTable {
                table_name: ast::RenameTableNameKind::To(to) | ast::RenameTableNameKind::As(to),
            } => match self.last_word(to) {
                Some(to) => vec![Kind::RenameTable { table, to }],
                None => alter(Alteration::Other),
            },
            AlterTableOperation::AlterColumn { column_name, op } => {
                let column = self.word(column_name);
                match op {
                    AlterColumnOperation::SetNotNull => vec![Kind::SetNotNull { table, column }],
                    AlterColumnOperation::DropNotNull => alter(Alteration::DropNotNull(column)),
                    AlterColumnOperation::SetDefault { .. } | AlterColumnOperation::DropDefault => {
                        alter(Alteration::Default)
                    }
                    AlterColumnOperation::SetDataType { data_type, using, .. } => {
                        let mut to = parse_type(&data_type.to_string());
                        if let Some(span) = self.behind_type_keyword(column.span.end) {
                            to.span = span;
                        }
                        vec![Kind::ColumnType { table, column, to, using: using.is_some() }]
                    }
                    _ => alter(Alteration::Other),
                }
            }
            AlterTableOperation::ValidateConstraint { name } => {
                vec![Kind::ValidateConstraint { table, name: self.word(name).name }]
            }
            AlterTableOperation::AttachPartitionOf { partition, for_values } => vec![Kind::AttachPartition {
                table,
                partition: self.name(partition),
                default: matches!(for_values, ast::ForValues::Default),
            }],
            AlterTableOperation::DetachPartitionOf { partition, mode } => {
                vec![Kind::DetachPartition { table, partition: self.name(partition), concurrently: mode.is_some() }]
            }
            AlterTableOperation::SetLogged => alter(Alteration::SetLogged(true)),
            AlterTableOperation::SetUnlogged => alter(Alteration::SetLogged(false)),
            AlterTableOperation::DisableTrigger { .. } => alter(Alteration::Trigger { enable: false }),
            AlterTableOperation::EnableTrigger { .. }
            | AlterTableOperation::EnableAlwaysTrigger { .. }
            | AlterTableOperation::EnableReplicaTrigger { .. } => alter(Alteration::Trigger { enable: true }),
            AlterTableOperation::SetOptionsParens { .. } | AlterTableOperation::ResetOptions { .. } => {
                alter(Alteration::Light)
            }
            _ => alter(Alteration::Other),
        }
    }

    fn behind_type_keyword(&self, after: usize) -> Option<Range<usize>> {
        let word =
            self.pieces.iter().find(|piece| piece.span.start >= after && piece.keyword().as_deref() == Some("TYPE"))?;
        self.type_span(word.span.end)
    }

    /// A part of ALTER TABLE by its words.
    fn part_by_tokens(&self, table: &ObjectName, part: &[Piece]) -> Option<Vec<Kind>> {
        let mut cursor = Cursor::new(part, self.dialect);
        let table = table.clone();
        let alter = |what| Some(vec![Kind::AlterTable { table: table.clone(), what }]);
        if cursor.eat("SET TABLESPACE") {
            return alter(Alteration::SetTablespace);
        }
        if cursor.eat("SET ACCESS METHOD") {
            return alter(Alteration::SetAccessMethod);
        }
        if cursor.eat("CLUSTER ON") || cursor.eat("SET WITHOUT CLUSTER") || cursor.eat("RESET") {
            return alter(Alteration::Light);
        }
        if cursor.eat("SET SCHEMA") || cursor.eat("RENAME CONSTRAINT") || cursor.eat("ALTER CONSTRAINT") {
            return alter(Alteration::Other);
        }
        if cursor.eat("ADD") {
            let constraint = ["CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY KEY", "FOREIGN KEY", "EXCLUDE", "NOT NULL"];
            if constraint.iter().any(|words| cursor.clone().eat(words)) {
                let constraint = self.constraint_by_tokens(cursor)?;
                return Some(vec![Kind::AddConstraint { table, constraint }]);
            }
            cursor.eat("COLUMN");
            cursor.eat("IF NOT EXISTS");
            let column = self.column_by_tokens(cursor)?;
            return Some(vec![Kind::AddColumn { table, column }]);
        }
        if cursor.eat("ALTER") {
            cursor.eat("COLUMN");
            let column = cursor.word()?;
            if cursor.eat("SET DATA TYPE") || cursor.eat("TYPE") {
                let span = self.type_span(cursor.peek()?.span.start)?;
                let mut to = parse_type(self.text.get(span.clone())?);
                to.span = span;
                return Some(vec![Kind::ColumnType { table, column, to, using: cursor.holds("USING") }]);
            }
            let light = cursor.eat("SET STATISTICS")
                || matches!(cursor.clone().rest(), [set, open, ..]
                if matches!(set.keyword().as_deref(), Some("SET" | "RESET")) && open.token == Token::LParen);
            return alter(if light { Alteration::Light } else { Alteration::Other });
        }
        None
    }

    /// A constraint that sqlparser does not know: `CONSTRAINT name NOT NULL column`, or one with a new option.
    fn constraint_by_tokens(&self, mut cursor: Cursor<'_>) -> Option<Constraint> {
        let name = if cursor.eat("CONSTRAINT") { Some(cursor.word()?) } else { None };
        let not_valid = cursor.holds("NOT VALID");
        let using_index = cursor.holds("USING INDEX");
        let rule = if cursor.eat("NOT NULL") {
            ConstraintRule::NotNull { column: cursor.word()?.name }
        } else if cursor.eat("EXCLUDE") {
            ConstraintRule::Exclusion
        } else if cursor.eat("CHECK") {
            let start = cursor.peek()?.span.start;
            cursor.skip_parentheses();
            let end = cursor.peek().map_or(self.text.len(), |piece| piece.span.start);
            ConstraintRule::Check { condition: self.text.get(start..end)?.trim().to_owned() }
        } else if cursor.eat("UNIQUE") {
            ConstraintRule::Unique { columns: columns(&mut cursor), using_index }
        } else if cursor.eat("PRIMARY KEY") {
            ConstraintRule::PrimaryKey { columns: columns(&mut cursor), using_index }
        } else if cursor.eat("FOREIGN KEY") {
            let columns = columns(&mut cursor);
            cursor.eat("REFERENCES");
            ConstraintRule::ForeignKey { columns, table: cursor.name()?.0 }
        } else {
            return None;
        };
        Some(Constraint { name, rule, not_valid })
    }

    fn column_by_tokens(&self, mut cursor: Cursor<'_>) -> Option<Column> {
        let name = cursor.word()?;
        let span = self.type_span(name.span.end)?;
        let mut data_type = parse_type(self.text.get(span.clone())?);
        data_type.span = span;
        let default = cursor.rest().iter().position(|piece| piece.keyword().as_deref() == Some("DEFAULT"));
        let default = default.and_then(|at| {
            let start = cursor.rest().get(at + 1)?.span.start;
            self.type_span(start).and_then(|span| self.text.get(span)).map(|text| self.expression_of_text(text))
        });
        let references = cursor.rest().iter().position(|piece| piece.keyword().as_deref() == Some("REFERENCES"));
        let references = references.and_then(|at| Cursor::new(cursor.rest().get(at + 1..)?, self.dialect).name());
        let computed = cursor.holds("GENERATED ALWAYS AS") && !cursor.holds("AS IDENTITY");
        Some(Column {
            name,
            data_type,
            not_null: cursor.holds("NOT NULL"),
            default,
            primary_key: cursor.holds("PRIMARY KEY"),
            unique: cursor.holds("UNIQUE"),
            references: references.map(|(name, _)| name),
            check: cursor.holds("CHECK"),
            generated: computed.then_some(if cursor.holds("STORED") { Stored::Stored } else { Stored::Virtual }),
            identity: cursor.holds("AS IDENTITY"),
        })
    }
}

fn operations(statements: Vec<ast::Statement>) -> Option<Vec<AlterTableOperation>> {
    match statements.into_iter().next()? {
        ast::Statement::AlterTable(alter) => Some(alter.operations),
        _ => None,
    }
}

/// The parts between the commas outside of parentheses.
fn parts(pieces: &[Piece]) -> Vec<&[Piece]> {
    let end = pieces.iter().position(|piece| piece.token == Token::SemiColon).unwrap_or(pieces.len());
    let mut depth = 0usize;
    pieces[..end]
        .split(|piece| {
            match piece.token {
                Token::LParen | Token::LBracket => depth += 1,
                Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && piece.token == Token::Comma
        })
        .collect()
}

/// The columns in parentheses.
fn columns(cursor: &mut Cursor<'_>) -> Vec<String> {
    if !matches!(cursor.peek(), Some(Piece { token: Token::LParen, .. })) {
        return Vec::new();
    }
    cursor.next();
    let mut found = Vec::new();
    while let Some(word) = cursor.word() {
        found.push(word.name);
        if !matches!(cursor.next(), Some(Piece { token: Token::Comma, .. })) {
            break;
        }
    }
    found
}

/// As many blanks as there are characters, with the line ends kept.
fn blanked(text: &str) -> String {
    text.chars().map(|character| if character == '\n' { '\n' } else { ' ' }).collect()
}
