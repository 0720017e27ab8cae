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
            X = Pointer(x), Result = Pointer(result), Blocks = RowBlocks.Of(x),
        };
        _workers.Run(job, job.Blocks.Items);
    }

    protected override void RunLabelRanks(Tensor x, Tensor<int> labels, Tensor<int> ranks)
    {
        var job = new LabelRanksJob
        {
            X = Pointer(x), Labels = Pointer(labels), Ranks = Pointer(ranks), Blocks = RowBlocks.Of(x),
        };
        _workers.Run(job, job.Blocks.Items);
    }

    private double Total(Tensor x, bool squares)
    {
        int items = ElementChunks.Items(x.Count);
        if (items == 0) return 0;
        using Borrowed partial = _memory.Borrow(2L * items);
        var job = new SumJob { X = Pointer(x), Partial = (double*)partial.Pointer, Count = x.Count, Squares = squares };
        RunLaneSums(job, items);
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
