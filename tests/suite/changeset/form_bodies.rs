//! Params from the body of a form.

use super::*;
use peristyle::changeset::from_form;

#[test]
fn the_body_of_a_form_is_cast() {
    let body =
        "member[email]=ann%40b.c&member[age]=42&member[active]=true&member[pets][]=cat&member[pets][]=&member[name]=";
    let params = from_form(body).unwrap();
    let member = member(params["member"].clone()).validate_format(|m| m.email, "@").apply().unwrap();
    assert_eq!((member.email.as_str(), member.age, member.active, member.name), ("ann@b.c", Some(42), true, None));
    assert_eq!(member.pets, Some(vec!["cat".to_owned()]));
}

#[test]
fn dates_come_in_parts() {
    let params = from_form("born[year]=2000&born[month]=2&born[day]=29").unwrap();
    assert_eq!(member(params).apply().unwrap().born, chrono::NaiveDate::from_ymd_opt(2000, 2, 29));
}
