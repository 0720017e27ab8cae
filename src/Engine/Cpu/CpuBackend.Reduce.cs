namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public override void Sum(Tensor x, Tensor result)
    {
        OpChecks.ExpectCount(nameof(Sum), "the result", new Shape(1), result.Shape);
        *Pointer(result) = (float)Total(x, squares: false);
    }

    /// <inheritdoc/>
    public override void SumOfSquares(Tensor x, Tensor result, bool accumulate)
    {
        OpChecks.ExpectCount(nameof(SumOfSquares), "the result", new Shape(1), result.Shape);
        float* target = Pointer(result);
        *target = (float)((accumulate ? *target : 0) + Total(x, squares: true));
    }

    /// <inheritdoc/>
    public override void ColumnSums(Tensor x, Tensor sums, bool accumulate)
    {
        OpChecks.ExpectCount(nameof(ColumnSums), "the sums", new Shape(x.Shape.Channels), sums.Shape);
        int columns = x.Shape.Channels;
        if (columns == 0) return;
        var chunks = new RowChunks(x.Count / columns, columns);
        NativeBlock partial = _memory.Rent((long)chunks.Count * columns);
        try
        {
            RunVector(new ColumnSumsJob { X = Pointer(x), Partial = partial.Pointer, Chunks = chunks }, chunks.Count);
            JoinSums(partial.Pointer, columns, chunks, Pointer(sums), accumulate);
        }
        finally
        {
            _memory.Return(partial);
        }
    }

    /// <inheritdoc/>
    public override void ArgmaxRows(Tensor x, Tensor<int> result)
    {
        OpChecks.Rows(nameof(ArgmaxRows), x, result.Shape, null);
        if (x.Shape[1] == 0) throw new ShapeMismatchException(nameof(ArgmaxRows), new Shape(x.Shape[0], 1), x.Shape, "a row without columns has no maximum");
        var job = new ArgmaxRowsJob
        {
            X = Pointer(x), Result = Pointer(result), Rows = x.Shape[0], Columns = x.Shape[1], RowsPerItem = RowsPerItem(x.Shape[1]),
        };
        _workers.Run(job, RowItems(x.Shape));
    }

    /// <inheritdoc/>
    public override void LabelRanks(Tensor x, Tensor<int> labels, Tensor<int> ranks)
    {
        OpChecks.Rows(nameof(LabelRanks), x, labels.Shape, null);
        OpChecks.ExpectCount(nameof(LabelRanks), "ranks", labels.Shape, ranks.Shape);
        RequireLabels(nameof(LabelRanks), labels, x.Shape[1]);
        var job = new LabelRanksJob
        {
            X = Pointer(x), Labels = Pointer(labels), Ranks = Pointer(ranks), Rows = x.Shape[0], Columns = x.Shape[1],
            RowsPerItem = RowsPerItem(x.Shape[1]),
        };
        _workers.Run(job, RowItems(x.Shape));
    }

    // Rows of an item of an operation on rows; depends on the row length alone.
    private static int RowsPerItem(int columns) => Math.Max(1, 8192 / Math.Max(1, columns));

    private static int RowItems(Shape matrix) => (int)(((long)matrix[0] + RowsPerItem(matrix[1]) - 1) / RowsPerItem(matrix[1]));

    private double Total(Tensor x, bool squares)
    {
        int items = ElementChunks.Items(x.Count);
        if (items == 0) return 0;
        NativeBlock partial = _memory.Rent(2L * items);
        try
        {
            var job = new SumJob { X = Pointer(x), Partial = (double*)partial.Pointer, Count = x.Count, Squares = squares };
            RunVector(job, items);
            double total = 0;
            for (int i = 0; i < items; i++) total += job.Partial[i];
            return total;
        }
        finally
        {
            _memory.Return(partial);
        }
    }

    private void JoinSums(float* partial, long stride, RowChunks chunks, float* sums, bool accumulate)
    {
        var job = new JoinSumsJob
        {
            Partial = partial, Sums = sums, Stride = stride, Chunks = chunks.Count, Columns = chunks.Columns, Accumulate = accumulate,
        };
        _workers.Run(job, (chunks.Columns + JoinSumsJob.ColumnsPerItem - 1) / JoinSumsJob.ColumnsPerItem);
    }

    // Labels index memory, so they are looked at before anything runs.
    private void RequireLabels(string operation, Tensor<int> labels, int classes)
    {
        int* values = Pointer(labels);
        for (long i = 0; i < labels.Count; i++)
        {
            if (values[i] < -1 || values[i] >= classes)
                throw new ArgumentException($"{operation}: label {values[i]} of row {i} is not in -1 to {classes - 1}.", nameof(labels));
        }
    }
}
