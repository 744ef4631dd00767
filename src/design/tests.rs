//! Sequences against known ones, and how even prefixes are.

use super::*;

const SEED: Seed = Seed(20_240_619);

/// How many coordinates of the points from `first` to `end` lie in each of `cells` equal intervals.
fn counts(design: &Design, range: std::ops::Range<u64>, coordinate: usize, cells: u64) -> Vec<u64> {
    let mut counts = vec![0; cells as usize];
    for index in range {
        let x = design.point(index)[coordinate];
        assert!(x > 0.0 && x < 1.0, "{x}");
        counts[(x * cells as f64) as usize] += 1;
    }
    counts
}

#[test]
fn sobol_points_are_those_of_other_software() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/sobol/");
    for dimensions in [2, 5, 10] {
        let path = format!("{folder}sobol_unscrambled_d{dimensions}_n1024.csv");
        let text = std::fs::read_to_string(path).unwrap();
        let design = Design::sobol(dimensions, 1024, None).unwrap();
        assert_eq!(text.lines().count(), 1024);
        for (index, line) in (0..).zip(text.lines()) {
            let expected: Vec<f64> = line.split(',').map(|x| x.parse().unwrap()).collect();
            assert_eq!(design.point(index), expected, "point {index}");
        }
    }
}

#[test]
fn every_dimension_of_the_sobol_table_is_a_sequence() {
    // The first 2^12 points have one in each of 2^12 intervals only if the table is sound.
    let design = Design::sobol(DIMENSIONS, 1 << 12, None).unwrap();
    let mut seen = vec![0_u16; DIMENSIONS << 12];
    for index in 0..1 << 12 {
        for (k, x) in design.point(index).into_iter().enumerate() {
            seen[k << 12 | (x * 4096.0) as usize] += 1;
        }
    }
    assert!(seen.iter().all(|n| *n == 1));
}

#[test]
fn scrambled_points_stay_a_net() {
    let design = Design::sobol(6, 1 << 10, Some(SEED)).unwrap();
    for block in 0..4 {
        let range = block * 256..(block + 1) * 256;
        for coordinate in 0..6 {
            assert!(counts(&design, range.clone(), coordinate, 256).iter().all(|n| *n == 1));
        }
        // The first two dimensions make a net of quality 0: one point in each box of area 2^-8.
        for bits in 0..=8 {
            let (across, along) = (1 << bits, 256 >> bits);
            let boxes: std::collections::BTreeSet<_> = range
                .clone()
                .map(|index| design.point(index))
                .map(|x| ((x[0] * f64::from(across)) as u64, (x[1] * f64::from(along)) as u64))
                .collect();
            assert_eq!(boxes.len(), 256);
        }
    }
    let other = Design::sobol(6, 1 << 10, Some(Seed(1))).unwrap();
    assert_ne!(design.point(5), other.point(5));
}

#[test]
fn a_latin_hypercube_enters_every_stratum_once() {
    for points in [1, 2, 3, 5, 64, 100, 127, 1000] {
        let design = Design::latin(7, points, SEED).unwrap();
        for coordinate in 0..7 {
            let all = counts(&design, 0..points, coordinate, points);
            assert!(all.iter().all(|n| *n == 1), "{points} points: {all:?}");
        }
    }
}

#[test]
fn prefixes_of_a_latin_hypercube_are_even() {
    // With 1,024 points the intervals of every generation are whole strata.
    let design = Design::latin(5, 1024, SEED).unwrap();
    for (size, coordinate) in (0..=10).flat_map(|k| (0..5).map(move |c| (1_u64 << k, c))) {
        assert!(counts(&design, 0..size, coordinate, size).iter().all(|n| *n == 1));
    }
    // With another number they are so to within one stratum, so quarters differ a little.
    let design = Design::latin(5, 1000, SEED).unwrap();
    for coordinate in 0..5 {
        let quarters = counts(&design, 0..256, coordinate, 4);
        assert!(quarters.iter().all(|n| (63..=65).contains(n)), "{quarters:?}");
    }
}

#[test]
fn coordinates_of_a_latin_hypercube_are_independent() {
    // The boxes of a 4 by 4 board have 64 of 1,024 points each, give or take 8 x 4.
    let design = Design::latin(3, 1024, SEED).unwrap();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let mut board = [0_u32; 16];
        for x in (0..1024).map(|index| design.point(index)) {
            board[(x[a] * 4.0) as usize * 4 + (x[b] * 4.0) as usize] += 1;
        }
        assert!(board.iter().all(|n| (32..=96).contains(n)), "{board:?}");
    }
}

#[test]
fn a_grid_has_every_combination_once_and_even_prefixes() {
    let sizes: [&[u64]; 5] = [&[6, 4, 3], &[5], &[2, 2, 2, 2], &[10, 10], &[1, 7, 1, 14]];
    for levels in sizes {
        let design = Design::grid(levels, SEED).unwrap();
        assert_eq!(design.points(), levels.iter().product::<u64>());
        let mut seen = std::collections::BTreeSet::new();
        let mut count: Vec<Vec<u64>> = levels.iter().map(|n| vec![0; *n as usize]).collect();
        for index in 0..design.points() {
            let point = design.point(index);
            let cell: Vec<usize> =
                point.iter().zip(levels).map(|(x, n)| (x * *n as f64) as usize).collect();
            for (count, level) in count.iter_mut().zip(&cell) {
                count[*level] += 1;
                let least = count.iter().min().unwrap();
                assert!(count.iter().max().unwrap() - least <= 1, "{levels:?} at {index}");
            }
            assert!(seen.insert(cell));
        }
    }
    // The first ten points of a square are a Latin square, not its diagonal.
    let square = Design::grid(&[10, 10], SEED).unwrap();
    assert!((0..10).map(|k| square.point(k)).any(|x| x[0] != x[1]));
    assert_eq!(Design::grid(&[], SEED).unwrap().points(), 1);
}

#[test]
fn random_points_and_rows() {
    let design = Design::random(3, 4000, SEED).unwrap();
    for coordinate in 0..3 {
        // Each has mean 1,000 and deviation 27.
        let quarters = counts(&design, 0..4000, coordinate, 4);
        assert!(quarters.iter().all(|n| (880..=1120).contains(n)), "{quarters:?}");
    }
    let rows = Design::list(2, 4).unwrap();
    assert_eq!((rows.point(0), rows.point(3)), (vec![0.125; 2], vec![0.875; 2]));
}

#[test]
fn what_cannot_be_is_refused() {
    assert_eq!(Design::random(3, 0, SEED).unwrap_err(), DesignError::Empty);
    assert_eq!(Design::grid(&[3, 0], SEED).unwrap_err(), DesignError::Empty);
    let huge = Design::grid(&[1 << 20, 1 << 20, 1 << 30], SEED).unwrap_err();
    assert_eq!(huge, DesignError::TooManyPoints);
    assert_eq!(Design::grid(&[1 << 30], SEED).unwrap_err(), DesignError::TooManyPoints);
    let wide = Design::sobol(DIMENSIONS + 1, 8, None).unwrap_err();
    assert_eq!(wide, DesignError::TooManyDimensions(1025));
    assert!(wide.to_string().contains("use the design lhs or random"));
}

#[test]
fn points_never_change() {
    let designs = [
        Design::random(2, 9, Seed(1)),
        Design::latin(2, 9, Seed(1)),
        Design::sobol(2, 9, Some(Seed(1))),
        Design::grid(&[3, 3], Seed(1)),
    ];
    let values = designs.map(|design| design.unwrap().point(5)[1]);
    assert_eq!(values, [0.005944356910589144, 0.1348265528266105, 0.21915912403656546, 0.5]);
}
