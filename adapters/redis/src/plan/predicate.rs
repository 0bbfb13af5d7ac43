//! Conditions as what they ask of columns.

use super::interval::Intervals;
use super::tree::Node;
use peristyle_query::error::Error;
use peristyle_query::query::ast::{BinaryOperator, Expression, Function, Step, UnaryOperator};
use peristyle_query::schema::FieldMeta;
use peristyle_query::value::Value;

/// A condition, without negations: what is unknown of it is false.
#[derive(Clone, Debug)]
pub(crate) enum Predicate {
    /// What one column must be.
    Column(ColumnCondition),
    /// All of these; TRUE if there is none.
    And(Vec<Predicate>),
    /// One of these; FALSE if there is none.
    Or(Vec<Predicate>),
    /// What no index can tell.
    Other(Expression),
}

/// What one column must be.
#[derive(Clone, Debug)]
pub(crate) struct ColumnCondition {
    pub(crate) field: &'static FieldMeta,
    pub(crate) intervals: Intervals,
    /// The conditions that say so, for texts.
    pub(crate) conditions: Vec<Expression>,
}

impl Predicate {
    /// That all of these expressions hold.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for steps that are no expression.
    pub(crate) fn of(filter: &[Expression]) -> Result<Self, Error> {
        let nodes = filter.iter().map(|expression| Ok(of_node(&Node::new(expression)?, false)));
        Ok(Predicate::and(nodes.collect::<Result<Vec<_>, Error>>()?))
    }

    fn yes() -> Self {
        Predicate::And(Vec::new())
    }

    fn no() -> Self {
        Predicate::Or(Vec::new())
    }

    fn and(list: Vec<Predicate>) -> Self {
        let mut flat = Vec::with_capacity(list.len());
        for predicate in list {
            match predicate {
                Predicate::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        let mut flat = of_each_column(flat);
        if flat.len() == 1 { flat.remove(0) } else { Predicate::And(flat) }
    }

    /// Conditions on one column alone are one condition, which `expression` shows.
    fn or(list: Vec<Predicate>, expression: &[Step]) -> Self {
        let mut flat = Vec::with_capacity(list.len());
        for predicate in list {
            match predicate {
                Predicate::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 {
            return flat.remove(0);
        }
        let Some(field) = flat.first().and_then(of_column).map(|column| column.field) else {
            return Predicate::Or(flat);
        };
        let of_field = |predicate: &Predicate| {
            of_column(predicate)
                .filter(|column| std::ptr::eq(column.field, field))
                .map(|column| column.intervals.clone())
        };
        match flat.iter().map(of_field).collect::<Option<Vec<_>>>() {
            None => Predicate::Or(flat),
            Some(sets) => {
                let intervals = Intervals::joined(sets, Intervals::union);
                Predicate::Column(ColumnCondition { field, intervals, conditions: vec![expression.to_vec()] })
            }
        }
    }
}

/// The same list, in which the conditions on one column are one, at the place of the first.
fn of_each_column(list: Vec<Predicate>) -> Vec<Predicate> {
    let mut groups: Vec<(Option<&'static FieldMeta>, Vec<Predicate>)> = Vec::with_capacity(list.len());
    for predicate in list {
        let field = of_column(&predicate).map(|column| column.field);
        let same = |known: &Option<&'static FieldMeta>| matches!((known, field), (Some(known), Some(field)) if std::ptr::eq(*known, field));
        match groups.iter_mut().find(|(known, _)| same(known)) {
            Some((_, group)) => group.push(predicate),
            None => groups.push((field, vec![predicate])),
        }
    }
    let one = |(field, group): (Option<&'static FieldMeta>, Vec<Predicate>)| match field {
        Some(field) if group.len() > 1 => {
            let columns = || group.iter().filter_map(of_column);
            let sets = columns().map(|column| column.intervals.clone()).collect();
            let conditions = columns().flat_map(|column| column.conditions.iter().cloned()).collect();
            let intervals = Intervals::joined(sets, Intervals::intersection);
            vec![Predicate::Column(ColumnCondition { field, intervals, conditions })]
        }
        _ => group,
    };
    groups.into_iter().flat_map(one).collect()
}

/// What a node, turned round if `negated`, asks.
fn of_node(node: &Node<'_>, negated: bool) -> Predicate {
    let other = || {
        let mut steps = node.steps().to_vec();
        if negated {
            steps.push(Step::Unary(UnaryOperator::Not));
        }
        Predicate::Other(steps)
    };
    known(node, negated).unwrap_or_else(other)
}

/// The same, if it is more than what no index can tell.
fn known(node: &Node<'_>, negated: bool) -> Option<Predicate> {
    let inner = |negated: bool| node.operands.iter().map(|operand| of_node(operand, negated)).collect::<Vec<_>>();
    let operand = |index: usize| node.operands.get(index);
    match node.step()? {
        Step::Unary(UnaryOperator::Not) => operand(0).map(|operand| of_node(operand, !negated)),
        Step::Binary(BinaryOperator::And) | Step::All(_) if !negated => Some(Predicate::and(inner(false))),
        Step::Binary(BinaryOperator::Or) | Step::Any(_) if negated => Some(Predicate::and(inner(true))),
        Step::Binary(BinaryOperator::And | BinaryOperator::Or) | Step::All(_) | Step::Any(_) => {
            Some(Predicate::or(inner(negated), node.steps()))
        }
        // `coalesce(condition, false)` asks as much as the condition.
        Step::Function(Function::Coalesce, 2) if !negated => match operand(1)?.step()? {
            Step::Literal(Value::Bool(false)) => operand(0).map(|operand| of_node(operand, false)),
            _ => None,
        },
        Step::Literal(value) | Step::Value { value, .. } => match value {
            Value::Bool(value) if *value != negated => Some(Predicate::yes()),
            Value::Bool(_) | Value::Null(_) => Some(Predicate::no()),
            _ => None,
        },
        Step::Column(..) => column(node, node, Intervals::point(&Value::Bool(!negated)).ok()?),
        Step::Unary(UnaryOperator::IsNull) => of_null(node, operand(0)?, negated),
        Step::Unary(UnaryOperator::IsNotNull) => of_null(node, operand(0)?, !negated),
        Step::Binary(operator) => {
            let (left, right) = (operand(0)?, operand(1)?);
            match (constant(left), constant(right)) {
                (None, Some(value)) => compared(node, left, *operator, value, negated),
                (Some(value), None) => compared(node, right, mirrored(*operator), value, negated),
                _ => None,
            }
        }
        Step::Between(outside) => {
            let (low, high) = (constant(operand(1)?)?, constant(operand(2)?)?);
            let compare = |operator, value, negated| {
                Some(of_column(&compared(node, operand(0)?, operator, value, negated)?)?.clone())
            };
            let from = compare(BinaryOperator::GreaterOrEqual, low, *outside != negated)?;
            let to = compare(BinaryOperator::LessOrEqual, high, *outside != negated)?;
            let intervals = match *outside != negated {
                false => from.intervals.intersection(&to.intervals),
                true => from.intervals.union(&to.intervals),
            };
            Some(Predicate::Column(ColumnCondition { intervals, ..from }))
        }
        Step::In { values, negated: outside, .. } => {
            let among = Intervals::points(values).ok()?;
            match *outside != negated {
                false if values.is_empty() => Some(Predicate::no()),
                true if values.is_empty() => Some(Predicate::yes()),
                false => column(node, operand(0)?, among),
                true => column(node, operand(0)?, among.complement()),
            }
        }
        Step::Like { negated: outside, ignore_case: false } => {
            let Some(Value::Text(pattern)) = constant(operand(1)?) else { return None };
            like(node, operand(0)?, &Pattern::of(pattern), *outside != negated)
        }
        _ => None,
    }
}

fn of_column(predicate: &Predicate) -> Option<&ColumnCondition> {
    match predicate {
        Predicate::Column(column) => Some(column),
        _ => None,
    }
}

/// The condition that a column of the root is in a set.
fn column(whole: &Node<'_>, operand: &Node<'_>, intervals: Intervals) -> Option<Predicate> {
    let field = field(operand)?;
    Some(Predicate::Column(ColumnCondition { field, intervals, conditions: vec![whole.steps().to_vec()] }))
}

/// The column of the root that a node is.
fn field(node: &Node<'_>) -> Option<&'static FieldMeta> {
    match node.steps() {
        [Step::Column(binding, field)] if binding.depth == 0 && binding.index == 0 => Some(*field),
        _ => None,
    }
}

fn constant<'n>(node: &Node<'n>) -> Option<&'n Value> {
    match node.steps() {
        [Step::Value { value, .. } | Step::Literal(value)] => Some(value),
        _ => None,
    }
}

fn of_null(whole: &Node<'_>, operand: &Node<'_>, negated: bool) -> Option<Predicate> {
    if negated && field(operand).is_some_and(|field| !field.nullable) {
        // The query of an IN asks it of its column, whichever it is.
        return Some(Predicate::yes());
    }
    column(whole, operand, if negated { Intervals::not_null() } else { Intervals::null() })
}

fn mirrored(operator: BinaryOperator) -> BinaryOperator {
    match operator {
        BinaryOperator::Less => BinaryOperator::Greater,
        BinaryOperator::LessOrEqual => BinaryOperator::GreaterOrEqual,
        BinaryOperator::Greater => BinaryOperator::Less,
        BinaryOperator::GreaterOrEqual => BinaryOperator::LessOrEqual,
        other => other,
    }
}

fn compared(
    whole: &Node<'_>,
    operand: &Node<'_>,
    operator: BinaryOperator,
    value: &Value,
    negated: bool,
) -> Option<Predicate> {
    field(operand)?;
    use BinaryOperator::{
        Equal, Greater, GreaterOrEqual, IsDistinctFrom, IsNotDistinctFrom, Less, LessOrEqual, NotEqual,
    };
    let operator = match (operator, negated) {
        (operator, false) => operator,
        (Equal, true) => NotEqual,
        (NotEqual, true) => Equal,
        (Less, true) => GreaterOrEqual,
        (LessOrEqual, true) => Greater,
        (Greater, true) => LessOrEqual,
        (GreaterOrEqual, true) => Less,
        (IsNotDistinctFrom, true) => IsDistinctFrom,
        (IsDistinctFrom, true) => IsNotDistinctFrom,
        _ => return None,
    };
    let intervals = match (operator, value.is_null()) {
        (IsNotDistinctFrom, true) => Intervals::null(),
        (IsDistinctFrom, true) => Intervals::not_null(),
        (Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual, true) => Intervals::none(),
        (Equal | IsNotDistinctFrom, false) => Intervals::point(value).ok()?,
        (NotEqual, false) => Intervals::point(value).ok()?.complement(),
        (IsDistinctFrom, false) => Intervals::point(value).ok()?.complement().union(&Intervals::null()),
        (Less, false) => Intervals::less(value, false).ok()?,
        (LessOrEqual, false) => Intervals::less(value, true).ok()?,
        (Greater, false) => Intervals::greater(value, false).ok()?,
        (GreaterOrEqual, false) => Intervals::greater(value, true).ok()?,
        _ => return None,
    };
    column(whole, operand, intervals)
}

/// A pattern of LIKE.
struct Pattern {
    /// What the texts begin with.
    prefix: String,
    rest: Rest,
}

/// What follows in the texts.
#[derive(PartialEq, Eq)]
enum Rest {
    Nothing,
    Anything,
    Other,
}

impl Pattern {
    fn of(pattern: &str) -> Self {
        let mut prefix = String::new();
        let mut characters = pattern.chars();
        let rest = loop {
            match characters.next() {
                None => break Rest::Nothing,
                Some('%') if characters.all(|character| character == '%') => break Rest::Anything,
                Some('%' | '_') => break Rest::Other,
                Some('\\') => match characters.next() {
                    Some(literal) => prefix.push(literal),
                    None => break Rest::Other,
                },
                Some(literal) => prefix.push(literal),
            }
        };
        Pattern { prefix, rest }
    }
}

fn like(whole: &Node<'_>, operand: &Node<'_>, pattern: &Pattern, negated: bool) -> Option<Predicate> {
    let intervals = match pattern.rest {
        Rest::Nothing => Intervals::point(&Value::Text(pattern.prefix.clone())).ok()?,
        _ => Intervals::prefix(&pattern.prefix),
    };
    match (&pattern.rest, negated) {
        (Rest::Other, true) => None,
        // The prefix narrows what is read.
        (Rest::Other, false) if !pattern.prefix.is_empty() => {
            let narrowed = column(whole, operand, intervals)?;
            Some(Predicate::And(vec![narrowed, Predicate::Other(whole.steps().to_vec())]))
        }
        (Rest::Other, false) => None,
        (_, false) => column(whole, operand, intervals),
        (_, true) => column(whole, operand, intervals.complement()),
    }
}

/// How many ways to hold a condition may have at most, before it is left to a filter over rows.
const MOST: usize = 4096;

/// One way in which a condition can hold: what each of these columns must be, and the rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way {
    pub(crate) columns: Vec<ColumnCondition>,
    pub(crate) other: Vec<Expression>,
}

impl Way {
    /// What a column must be, if this says so.
    pub(crate) fn column(&self, field: &FieldMeta) -> Option<&ColumnCondition> {
        self.columns.iter().find(|column| std::ptr::eq(column.field, field))
    }

    fn with(self, further: &Way) -> Option<Way> {
        let mut both = self;
        for column in &further.columns {
            match both.columns.iter_mut().find(|known| std::ptr::eq(known.field, column.field)) {
                Some(known) => {
                    known.intervals = known.intervals.intersection(&column.intervals);
                    known.conditions.extend(column.conditions.iter().cloned());
                }
                None => both.columns.push(column.clone()),
            }
        }
        both.other.extend(further.other.iter().cloned());
        both.columns.iter().all(|column| !column.intervals.is_empty()).then_some(both)
    }
}

/// All ways in which a condition can hold; none if it cannot.
pub(crate) fn ways(predicate: &Predicate) -> Vec<Way> {
    match predicate {
        Predicate::Column(column) if column.intervals.is_empty() => Vec::new(),
        Predicate::Column(column) => vec![Way { columns: vec![column.clone()], other: Vec::new() }],
        Predicate::Other(expression) => vec![Way { columns: Vec::new(), other: vec![expression.clone()] }],
        Predicate::Or(list) => list.iter().flat_map(ways).collect(),
        Predicate::And(list) => list.iter().fold(vec![Way::default()], |ways_before, predicate| {
            let further = ways(predicate);
            if ways_before.len().saturating_mul(further.len()) > MOST {
                // Whoever is too many stays a condition on rows.
                let note = Way { columns: Vec::new(), other: vec![shown(predicate)] };
                return ways_before.into_iter().filter_map(|way| way.with(&note)).collect();
            }
            match further.as_slice() {
                [more] => ways_before.into_iter().filter_map(|way| way.with(more)).collect(),
                _ => {
                    let each = |way: &Way| further.iter().filter_map(|more| way.clone().with(more)).collect::<Vec<_>>();
                    ways_before.iter().flat_map(each).collect()
                }
            }
        }),
    }
}

/// An expression for a predicate.
fn shown(predicate: &Predicate) -> Expression {
    let joined = |list: &[Predicate], step: fn(usize) -> Step| {
        let mut steps: Expression = list.iter().flat_map(shown).collect();
        steps.push(step(list.len()));
        steps
    };
    match predicate {
        Predicate::Column(column) => match column.conditions.as_slice() {
            [condition] => condition.clone(),
            conditions => {
                let mut steps = conditions.concat();
                steps.push(Step::All(conditions.len()));
                steps
            }
        },
        Predicate::Other(expression) => expression.clone(),
        Predicate::And(list) => joined(list, Step::All),
        Predicate::Or(list) => joined(list, Step::Any),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peristyle_query::query::ast::Binding;
    use peristyle_query::value::DataType;

    static VISITS: FieldMeta = FieldMeta::new("visits", "visits", DataType::I32);
    static NOTE: FieldMeta = FieldMeta::new("note", "note", DataType::Text);

    fn compared(field: &'static FieldMeta, value: Value, operator: BinaryOperator) -> Expression {
        let value = Step::Value { value, redact: false };
        vec![Step::Column(Binding::of(0, 0), field), value, Step::Binary(operator)]
    }

    /// Condition by condition joined to all before it, this would take minutes.
    #[test]
    fn very_many_conditions_on_a_column_are_one() {
        const TERMS: i32 = 20_000;
        let each = |operator| (0..TERMS).map(move |n| compared(&VISITS, Value::I32(n), operator));
        let mut any: Expression = each(BinaryOperator::Equal).flatten().collect();
        any.push(Step::Any(TERMS as usize));
        let found = ways(&Predicate::of(&[any]).unwrap());
        let [Way { columns, other }] = found.as_slice() else { panic!("{} ways", found.len()) };
        assert_eq!(columns[0].intervals.values().map(|values| values.len()), Some(TERMS as usize));
        assert!(other.is_empty() && columns.len() == 1);

        let all: Vec<Expression> = each(BinaryOperator::NotEqual).collect();
        let found = ways(&Predicate::of(&all).unwrap());
        assert_eq!(found.len(), 1);
        // What is below the first and above the last, and stretches of bytes that no number has.
        assert!(found[0].columns[0].intervals.list().len() < 100);
        assert_eq!(found[0].columns[0].conditions.len(), TERMS as usize);
    }

    #[test]
    fn conditions_on_one_column_meet_at_the_place_of_the_first() {
        let filter = [
            compared(&VISITS, Value::I32(1), BinaryOperator::Greater),
            compared(&NOTE, Value::Text("x".into()), BinaryOperator::Equal),
            compared(&VISITS, Value::I32(3), BinaryOperator::Less),
        ];
        let Predicate::And(list) = Predicate::of(&filter).unwrap() else { panic!("not all of them") };
        let fields: Vec<_> = list.iter().filter_map(of_column).map(|column| column.field.name).collect();
        assert_eq!(fields, ["visits", "note"]);
        assert_eq!(of_column(&list[0]).unwrap().conditions, [filter[0].clone(), filter[2].clone()]);
    }
}
