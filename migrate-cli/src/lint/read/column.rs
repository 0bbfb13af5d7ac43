//! Columns and constraints.

use super::super::action::{Column, Constraint, ConstraintRule, Stored};
use super::Reader;
use sqlparser::ast;

impl Reader<'_> {
    pub(super) fn column(&self, definition: &ast::ColumnDef) -> Column {
        let name = self.word(&definition.name);
        let data_type = self.type_behind(name.span.end, &definition.data_type);
        let mut column = Column {
            name,
            data_type,
            not_null: false,
            default: None,
            primary_key: false,
            unique: false,
            references: None,
            check: false,
            generated: None,
            identity: false,
        };
        for option in &definition.options {
            match &option.option {
                ast::ColumnOption::NotNull => column.not_null = true,
                ast::ColumnOption::Default(value) => column.default = Some(self.expression(value)),
                ast::ColumnOption::PrimaryKey(_) => column.primary_key = true,
                ast::ColumnOption::Unique(_) => column.unique = true,
                ast::ColumnOption::ForeignKey(key) => column.references = Some(self.name(&key.foreign_table)),
                ast::ColumnOption::Check(_) => column.check = true,
                ast::ColumnOption::Generated { generation_expr: Some(_), generation_expr_mode, .. } => {
                    // Without a word for it, Postgres 18 and SQLite compute the value when it is read.
                    column.generated = Some(match generation_expr_mode {
                        Some(ast::GeneratedExpressionMode::Stored) => Stored::Stored,
                        _ => Stored::Virtual,
                    });
                }
                ast::ColumnOption::Generated { .. } | ast::ColumnOption::Identity(_) => column.identity = true,
                _ => {}
            }
        }
        column
    }

    pub(super) fn constraint(&self, constraint: &ast::TableConstraint, not_valid: bool) -> Option<Constraint> {
        let words = |columns: &[ast::IndexColumn]| {
            columns.iter().map(|column| self.index_column(column).unwrap_or_default()).collect()
        };
        let (name, rule) = match constraint {
            ast::TableConstraint::Unique(unique) => {
                (&unique.name, ConstraintRule::Unique { columns: words(&unique.columns), using_index: false })
            }
            ast::TableConstraint::PrimaryKey(key) => {
                (&key.name, ConstraintRule::PrimaryKey { columns: words(&key.columns), using_index: false })
            }
            ast::TableConstraint::ForeignKey(key) => (
                &key.name,
                ConstraintRule::ForeignKey {
                    columns: key.columns.iter().map(|column| self.word(column).name).collect(),
                    table: self.name(&key.foreign_table),
                },
            ),
            ast::TableConstraint::Check(check) => {
                (&check.name, ConstraintRule::Check { condition: check.expr.to_string() })
            }
            ast::TableConstraint::PrimaryKeyUsingIndex(using) => {
                (&using.name, ConstraintRule::PrimaryKey { columns: Vec::new(), using_index: true })
            }
            ast::TableConstraint::UniqueUsingIndex(using) => {
                (&using.name, ConstraintRule::Unique { columns: Vec::new(), using_index: true })
            }
            ast::TableConstraint::Exclude(exclude) => (&exclude.name, ConstraintRule::Exclusion),
            ast::TableConstraint::Index(_) | ast::TableConstraint::FulltextOrSpatial(_) => return None,
        };
        Some(Constraint { name: name.as_ref().map(|name| self.word(name)), rule, not_valid })
    }

    /// The column that a part of an index is on; none for an expression.
    pub(super) fn index_column(&self, column: &ast::IndexColumn) -> Option<String> {
        match &column.column.expr {
            ast::Expr::Identifier(ident) => Some(self.word(ident).name),
            _ => None,
        }
    }
}
