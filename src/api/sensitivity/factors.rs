//! Axes that move together.

use crate::api::Error;
use crate::diagnostic::clip;

/// The word by which all cells of each parameter move together.
const PARAMETER: &str = "parameter";

/// Names of factors, each with its axes by place in `axes`: those of groups, and every other axis
/// alone, in the order of their first axes.
pub fn factors(axes: &[String], groups: &[String]) -> Result<Vec<(String, Vec<usize>)>, Error> {
    let mut names: Vec<Option<String>> = vec![None; axes.len()];
    for group in groups.iter().filter(|group| *group != PARAMETER) {
        let Some((name, pattern)) = group.split_once('=').filter(|(name, _)| !name.is_empty())
        else {
            let text = format!("`{}` is no group; write `parameter` or NAME=PATTERN", clip(group));
            return Err(Error::Request(text));
        };
        let mut any = false;
        for (axis, own) in axes.iter().zip(&mut names) {
            if fits(pattern, axis) {
                any = true;
                own.get_or_insert_with(|| name.to_string());
            }
        }
        if !any {
            let text =
                format!("group `{}`: nothing that varies fits `{}`", clip(name), clip(pattern));
            return Err(Error::Request(text));
        }
    }
    let together = groups.iter().any(|group| group == PARAMETER);
    let mut all: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, (axis, own)) in axes.iter().zip(names).enumerate() {
        let parameter = || axis.split_once('[').map(|(name, _)| name.to_string());
        let name = own.or_else(|| if together { parameter() } else { None });
        let known = name.as_ref().and_then(|name| all.iter().position(|(other, _)| other == name));
        match known {
            Some(known) => all[known].1.push(place),
            None => all.push((name.unwrap_or_else(|| axis.clone()), vec![place])),
        }
    }
    Ok(all)
}

/// Whether a name fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    match last {
        None => rest.is_empty(),
        Some(part) => name.len() >= first.len() + part.len() && name.ends_with(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, wanted) in [
            ("w[*]", "w[CHN]", true),
            ("w*", "w", true),
            ("*slope*", "crisis_slope[A]", true),
            ("w[*]", "w[CHN", false),
            ("w", "w[CHN]", false),
            ("*a", "ba", true),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(fits(pattern, name), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn groups() {
        let axes: Vec<String> = ["w[A]", "k", "w[B]", "v[A]"].map(String::from).to_vec();
        let names = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|g| (*g).to_string()).collect();
            factors(&axes, &groups).map_err(|e| e.to_string())
        };
        let own = |name: &str, axes: &[usize]| (name.to_string(), axes.to_vec());
        let wanted = vec![own("w", &[0, 2]), own("k", &[1]), own("v", &[3])];
        assert_eq!(names(&["parameter"]), Ok(wanted));
        let wanted = vec![own("A", &[0, 3]), own("k", &[1]), own("w[B]", &[2])];
        assert_eq!(names(&["A=*[A]"]), Ok(wanted));
        assert!(names(&["A=z*"]).is_err_and(|why| why.contains("nothing that varies")));
        assert!(names(&["w"]).is_err_and(|why| why.contains("NAME=PATTERN")));
    }
}
