use super::*;

// RFC 8259, section 7: which characters need an escape, at any place.
#[test]
fn text_is_written_as_serde_json_writes_it() {
    for char in ('\0'..='\u{ff}').chain(['\u{2028}', '😀']) {
        for text in [format!("{char}"), format!("{0:a<40}{char}{0:b<40}", "")] {
            let mut out = Vec::new();
            write_text(&text, &mut out);

            assert_eq!(out, serde_json::to_vec(&text).unwrap(), "{char:?}");
        }
    }
}

#[test]
fn an_escape_is_found_at_any_place_of_a_text_of_any_length() {
    for length in 0..50 {
        for at in 0..length {
            let text = format!("{0:a<at$}\"{0:b<1$}", "", length - at);
            let mut out = Vec::new();
            write_text(&text, &mut out);

            assert_eq!(out, serde_json::to_vec(&text).unwrap());
        }
    }
}

#[test]
fn whole_numbers_are_written_as_serde_json_writes_them() {
    for number in [0, 9, 10, 99, 100, 1000, 20_071, 1_642_262_400, u64::MAX] {
        let mut out = Vec::new();
        write_integer(number, &mut out);

        assert_eq!(out, serde_json::to_vec(&number).unwrap());
    }
}

#[test]
fn what_is_written_is_json_in_the_same_order() {
    let mut out = Vec::new();
    {
        let mut object = Object::open(&mut out);
        object
            .entry("b\"", "line\n\u{7f}\u{2028}")
            .serialize("a", &true)
            .serialize("f", &f64::NAN);
        object.object("empty");
        object.display("d", "1\"");
        object.objects("list", [1, 2], |item, object| {
            object.integer("n", item);
        });
        object.value("v\"", "[1.5,null]").serialize("o", &-1);
    }

    let parsed: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "{\"b\\\"\":\"line\\n\u{7f}\u{2028}\",\"a\":true,\"f\":null,\"empty\":{},\
         \"d\":\"1\\\"\",\"list\":[{\"n\":1},{\"n\":2}],\"v\\\"\":[1.5,null],\"o\":-1}"
    );
    assert_eq!(parsed["b\""], "line\n\u{7f}\u{2028}");
}

#[test]
fn a_value_that_does_not_serialize_is_null() {
    let by_pair = std::collections::HashMap::from([((1, 2), 3)]);
    let mut out = Vec::new();

    Object::open(&mut out)
        .serialize("a", &(1, by_pair))
        .integer("b", 2);

    assert_eq!(out, br#"{"a":null,"b":2}"#);
}

#[test]
fn an_object_without_members_is_not_there() {
    let mut out = Vec::new();

    Object::open(&mut out)
        .object_unless_empty("a", |_| {})
        .object_unless_empty("b", |object| {
            object.integer("n", 1);
        })
        .integer("c", 2);

    assert_eq!(out, br#"{"b":{"n":1},"c":2}"#);
}
