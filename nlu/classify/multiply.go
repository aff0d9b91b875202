package classify

// times sets dst to the sum of the rows of the matrix w that the features of r
// name, each times its value. A row of w is as long as dst. It is where
// training spends its time: four rows are added at once, so that dst is fetched
// and put back only once for the four.
func (r *row) times(w, dst []float32) {
	clear(dst)
	k := len(dst)
	ids, values := r.ids, r.values[:len(r.ids)]
	for len(ids) >= 4 && len(values) >= 4 {
		addFour(dst, w[int(ids[0])*k:][:k], w[int(ids[1])*k:][:k], w[int(ids[2])*k:][:k], w[int(ids[3])*k:][:k],
			(*[4]float32)(values))
		ids, values = ids[4:], values[4:]
	}
	for j, id := range ids {
		addScaled(dst, w[int(id)*k:][:k], values[j])
	}
}

// add adds to each row of w that the features of r name, in the columns given,
// the value of the feature times what by has for the column.
func (r *row) add(w, by []float32, columns []int) {
	if len(columns) == 0 {
		return
	}
	for j, id := range r.ids {
		row, x := w[int(id)*len(by):][:len(by)], r.values[j]
		for _, c := range columns {
			row[c] += by[c] * x
		}
	}
}

func addFour(dst, a, b, c, d []float32, x *[4]float32) {
	a, b, c, d = a[:len(dst)], b[:len(dst)], c[:len(dst)], d[:len(dst)]
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
	for i := range dst {
		dst[i] += x0*a[i] + x1*b[i] + x2*c[i] + x3*d[i]
	}
}

// addScaled adds x times row to dst, which is as long.
func addScaled(dst, row []float32, x float32) {
	row = row[:len(dst)]
	for i := range dst {
		dst[i] += x * row[i]
	}
}
