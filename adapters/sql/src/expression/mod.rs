//! Expressions: from a tree of steps to text with slots, parentheses only where they are needed or help to read.
//!
//! Writing keeps its own stack, so that no expression is too deep for it.

mod aggregate;
mod arithmetic;
mod cast;
mod comparison;
mod fragment;
mod function;
mod in_list;
mod like;
mod literal;
mod logic;
pub(crate) mod operator;
mod precedence;

use crate::builder::{Pieces, slot};
use crate::renderer::Renderer;
use crate::target::Target;
use crate::tree::{Tree, malformed};
use crate::types::{is_sent_as_text, postgres_type};
use crate::unsupported;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{Expression, Step, UnaryOperator};
use peristyle_query::value::DataType;
use precedence::{Level, Slot};
use sea_query::{Expr, SelectStatement, SubQueryStatement};
use std::borrow::Cow;

/// The collation of decimals, which SQLite keeps as text.
const DECIMAL_COLLATION: &str = " COLLATE \"decimal\"";

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the list of columns.
    Column,
    /// In the list of columns under DISTINCT.
    DistinctColumn,
    /// After WHERE, HAVING or ON.
    Condition,
    /// After GROUP BY.
    Key,
    /// After ORDER BY.
    Order,
    /// After SET.
    Assignment,
}

impl Renderer<'_> {
    /// Renders an expression.
    pub fn expression(&mut self, expression: &Expression, place: Place) -> Result<Expr, Error> {
        self.steps(expression.iter(), place)
    }

    /// Renders the steps of an expression.
    pub fn steps<'s>(&mut self, steps: impl Iterator<Item = &'s Step>, place: Place) -> Result<Expr, Error> {
        let tree = Tree::parse(self, steps)?;
        let mut writer = Writer { target: self.target, renderer: self, tree, pieces: Pieces::default() };
        writer.write(place)?;
        Ok(writer.pieces.into_expr())
    }
}

/// A placeholder, with a cast where Postgres cannot know its type: text that stands for another type, and places that
/// give no hint (`typed`).
pub(crate) fn parameter(target: Target, slot: Expr, data_type: DataType, typed: bool) -> Expr {
    let mut pieces = Pieces::default();
    pieces.part(slot);
    if target == Target::Postgres
        && (typed || is_sent_as_text(data_type))
        && let Some(name) = postgres_type(data_type)
    {
        pieces.text(format!("::{name}").into());
    }
    pieces.into_expr()
}

/// What is yet to be written.
enum Item {
    /// Raw SQL.
    Text(Cow<'static, str>),
    /// An operand, in parentheses if its slot needs them.
    Operand { node: usize, slot: Slot, typed: bool },
    /// A column, a placeholder or a query.
    Part(Expr),
}

impl Item {
    fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Item::Text(text.into())
    }
}

/// What a node is written as, and how tightly that binds.
type Layout = (Level, Vec<Item>);

/// Writes one expression.
struct Writer<'w, 'r, 's> {
    target: Target,
    renderer: &'w Renderer<'r>,
    tree: Tree<'s>,
    pieces: Pieces,
}

impl Writer<'_, '_, '_> {
    fn write(&mut self, place: Place) -> Result<(), Error> {
        let root = self.tree.root();
        let typed = !matches!(place, Place::Condition | Place::Assignment);
        let compares = matches!(place, Place::DistinctColumn | Place::Key | Place::Order);
        if place == Place::Order {
            self.require_order(root)?;
        }
        let mut stack = if compares { self.comparable(root, Slot::Free) } else { vec![self.operand(root, Slot::Free)] };
        if let Some(Item::Operand { typed: operand_typed, .. }) = stack.first_mut() {
            *operand_typed = typed;
        }
        stack.reverse();
        while let Some(item) = stack.pop() {
            match item {
                Item::Text(text) => self.pieces.text(text),
                Item::Part(part) => self.pieces.part(part),
                Item::Operand { node, slot, typed } => {
                    let (level, items) = self.layout(node, typed)?;
                    if slot.admits(level) {
                        stack.extend(items.into_iter().rev());
                    } else {
                        stack.push(Item::text(")"));
                        stack.extend(items.into_iter().rev());
                        stack.push(Item::text("("));
                    }
                }
            }
        }
        Ok(())
    }

    fn layout(&mut self, node: usize, typed: bool) -> Result<Layout, Error> {
        let tree_node = self.tree.node(node);
        let number = tree_node.parameter;
        match tree_node.step {
            Step::Column(binding, field) => {
                let alias = self.renderer.scopes.resolve(*binding, field.column)?;
                let column = if alias.is_empty() { Expr::col(field.column) } else { Expr::col((alias, field.column)) };
                Ok((Level::Atom, vec![Item::Part(column)]))
            }
            Step::Value { value, .. } => {
                let part = parameter(self.target, slot(number), value.data_type(), typed);
                Ok((Level::Atom, vec![Item::Part(part)]))
            }
            Step::Literal(value) => literal::layout(self.target, value),
            Step::Star => Ok((Level::Atom, vec![Item::text("*")])),
            Step::Inserted if self.target == Target::Postgres => {
                // A row that was updated carries the transaction that locked it for that.
                let alias = self.renderer.scopes.own(0)?;
                Ok((Level::Predicate, vec![Item::Part(Expr::col((alias, "xmax"))), Item::text(" = 0")]))
            }
            Step::Inserted => {
                let instead = "update the row with a statement of its own";
                Err(unsupported(self.target.name(), "word for whether a row was inserted", instead))
            }
            Step::Unary(operator) => self.unary(node, *operator),
            Step::Binary(operator) => self.binary(node, *operator),
            Step::All(_) | Step::Any(_) => self.chain(node),
            Step::Between(negated) => self.between(node, *negated),
            Step::In { item, values, negated, .. } => self.in_list(node, item, values, *negated),
            Step::InQuery(_, negated) => self.in_query(node, *negated),
            Step::Exists(_, negated) => {
                let test = if *negated { "NOT EXISTS " } else { "EXISTS " };
                let query = self.tree.take_subquery(node)?;
                let level = if *negated { Level::Not } else { Level::Atom };
                Ok((level, vec![Item::text(test), subquery(query)]))
            }
            Step::Scalar(_) => Ok((Level::Atom, vec![subquery(self.tree.take_subquery(node)?)])),
            Step::Like { negated, ignore_case } => self.like(node, *negated, *ignore_case),
            Step::Aggregate { function, distinct, filter, operand, result } => {
                self.aggregate(node, *function, *distinct, *filter, (*operand, *result))
            }
            Step::Function(function, _) => self.function(node, *function),
            Step::Cast(data_type) => self.cast(node, *data_type),
            Step::Fragment(template, _) => self.fragment(node, template),
            // Reading the steps has refused the others.
            _ => Err(malformed()),
        }
    }

    fn unary(&mut self, node: usize, operator: UnaryOperator) -> Result<Layout, Error> {
        let operand = self.tree.operand(node, 0)?;
        Ok(match operator {
            UnaryOperator::Not => (Level::Not, vec![Item::text("NOT "), self.operand(operand, Slot::Atom)]),
            UnaryOperator::Negate => return self.negate(operand),
            UnaryOperator::IsNull => {
                (Level::Predicate, vec![self.typed(operand, Slot::Predicate), Item::text(" IS NULL")])
            }
            UnaryOperator::IsNotNull => {
                (Level::Predicate, vec![self.typed(operand, Slot::Predicate), Item::text(" IS NOT NULL")])
            }
        })
    }

    /// An operand whose neighbours tell its type.
    fn operand(&self, node: usize, slot: Slot) -> Item {
        Item::Operand { node, slot, typed: false }
    }

    /// An operand whose type nothing around it tells.
    fn typed(&self, node: usize, slot: Slot) -> Item {
        Item::Operand { node, slot, typed: true }
    }

    /// An operand whose type its neighbours tell, if one of them has a type of its own.
    fn beside(&self, node: usize, slot: Slot, neighbours: &[usize]) -> Item {
        let typed = !neighbours.iter().any(|&neighbour| self.has_own_type(neighbour));
        Item::Operand { node, slot, typed }
    }

    /// Whether a node tells Postgres its type by itself.
    fn has_own_type(&self, node: usize) -> bool {
        !matches!(self.tree.node(node).step, Step::Value { .. } | Step::Fragment(..))
    }

    /// The type of a node, if it is known.
    fn data_type(&self, node: usize) -> Option<DataType> {
        self.tree.node(node).data_type
    }

    /// Whether a node is a decimal that SQLite keeps as text.
    fn is_text_decimal(&self, node: usize) -> bool {
        self.target == Target::Sqlite && self.data_type(node) == Some(DataType::Decimal)
    }

    /// A node in a place that compares or sorts it.
    fn comparable(&self, node: usize, slot: Slot) -> Vec<Item> {
        if self.is_text_decimal(node) {
            vec![self.operand(node, Slot::Atom), Item::text(DECIMAL_COLLATION)]
        } else {
            vec![self.operand(node, slot)]
        }
    }

    /// Refuses to sort what the store has no order of.
    fn require_order(&self, node: usize) -> Result<(), Error> {
        if self.target == Target::Sqlite && self.data_type(node) == Some(DataType::Interval) {
            let instead = "keep the length as an integer, of seconds say, where it is compared or sorted";
            return Err(unsupported(self.target.name(), "order of intervals", instead));
        }
        Ok(())
    }
}

fn subquery(query: SelectStatement) -> Item {
    Item::Part(Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(query))))
}
