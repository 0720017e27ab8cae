namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    protected override void RunSum(Tensor x, Tensor result) => *Pointer(result) = (float)Total(x, squares: false);

    protected override void RunSumOfSquares(Tensor x, Tensor result, bool accumulate)
    {
        float* target = Pointer(result);
        *target = (float)((accumulate ? *target : 0) + Total(x, squares: true));
    }

    protected override void RunColumnSums(Tensor x, Tensor sums, bool accumulate)
    {
        int columns = x.Shape.Channels;
        if (columns == 0) return;
        var chunks = new RowChunks(x.Count / columns, columns);
        using Borrowed partial = _memory.Borrow((long)chunks.Count * columns);
        RunVector(new ColumnSumsJob { X = Pointer(x), Partial = partial.Pointer, Chunks = chunks }, chunks.Count);
        JoinSums(partial.Pointer, columns, chunks, Pointer(sums), accumulate);
    }

    protected override void RunArgmaxRows(Tensor x, Tensor<int> result)
    {
        var job = new ArgmaxRowsJob
        {
            X = Pointer(x), Result = Pointer(result), Rows = x.Shape[0], Columns = x.Shape[1], RowsPerItem = RowsPerItem(x.Shape[1]),
        };
        _workers.Run(job, RowItems(x.Shape));
    }

    protected override void RunLabelRanks(Tensor x, Tensor<int> labels, Tensor<int> ranks)
    {
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
        using Borrowed partial = _memory.Borrow(2L * items);
        var job = new SumJob { X = Pointer(x), Partial = (double*)partial.Pointer, Count = x.Count, Squares = squares };
        RunVector(job, items);
        double total = 0;
        for (int i = 0; i < items; i++) total += job.Partial[i];
        return total;
    }

    private void JoinSums(float* partial, long stride, RowChunks chunks, float* sums, bool accumulate)
    {
        var job = new JoinSumsJob
        {
            Partial = partial, Sums = sums, Stride = stride, Chunks = chunks.Count, Columns = chunks.Columns, Accumulate = accumulate,
        };
        _workers.Run(job, (chunks.Columns + JoinSumsJob.ColumnsPerItem - 1) / JoinSumsJob.ColumnsPerItem);
    }
}
