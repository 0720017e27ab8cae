namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    protected override void RunFill(Tensor y, float value) => FillMemory(Pointer(y), y.Count, value);

    protected override void RunCopy(Tensor x, Tensor y) => _workers.Run(new CopyJob { X = Pointer(x), Y = Pointer(y), Count = x.Count }, ElementChunks.Items(x.Count));

    protected override void RunAdd(Tensor a, Tensor b, Tensor y) => Map(new AddMap(), a, b, y);

    protected override void RunMultiply(Tensor a, Tensor b, Tensor y) => Map(new MultiplyMap(), a, b, y);

    protected override void RunScale(Tensor x, float scale, Tensor y) => Map(new ScaleMap(scale), x, y);

    protected override void RunAccumulate(Tensor x, float scale, Tensor y) => Map(new AccumulateMap(scale), x, y, y);

    protected override void RunActivationForward(Activation activation, Tensor x, Tensor y)
    {
        switch (activation.Kind)
        {
            case ActivationKind.None:
                if (Pointer(x) != Pointer(y)) RunCopy(x, y);
                break;
            case ActivationKind.Relu:
                Map(new ReluMap(), x, y);
                break;
            case ActivationKind.LeakyRelu:
                Map(new LeakyReluMap(activation.Slope), x, y);
                break;
            case ActivationKind.Sigmoid:
                Map(new SigmoidMap(), x, y);
                break;
            case ActivationKind.Relu6:
                Map(new ClampMap(1, 0, 6), x, y);
                break;
            case ActivationKind.HardSigmoid:
                Map(new ClampMap(activation.Slope, 0.5f, 1), x, y);
                break;
            default:
                throw new NotSupportedException($"Activation {activation.Kind} is not written for this device.");
        }
    }

    protected override void RunActivationBackward(Activation activation, Tensor y, Tensor dy, Tensor dx)
    {
        switch (activation.Kind)
        {
            case ActivationKind.None:
                if (Pointer(dy) != Pointer(dx)) RunCopy(dy, dx);
                break;
            case ActivationKind.Relu:
                Map(new ReluGradientMap(), y, dy, dx);
                break;
            case ActivationKind.LeakyRelu:
                Map(new LeakyReluGradientMap(activation.Slope), y, dy, dx);
                break;
            case ActivationKind.Sigmoid:
                Map(new SigmoidGradientMap(), y, dy, dx);
                break;
            case ActivationKind.Relu6:
                Map(new ClampGradientMap(1, 6), y, dy, dx);
                break;
            case ActivationKind.HardSigmoid:
                Map(new ClampGradientMap(activation.Slope, 1), y, dy, dx);
                break;
            default:
                throw new NotSupportedException($"Activation {activation.Kind} is not written for this device.");
        }
    }

    protected override void RunPReluForward(Tensor x, Tensor slope, Tensor y)
    {
        if (x.Count == 0) return;
        RunRows(new PReluForwardMap { X = Pointer(x), Slope = Pointer(slope), Y = Pointer(y) }, Chunks(x));
    }

    private void RunRows<TMap>(TMap map, RowChunks chunks)
        where TMap : unmanaged, IElementMap => RunVector(new RowMapJob<TMap> { Chunks = chunks, Map = map }, chunks.Count);

    private void RunColumns<TMap>(TMap map, RowChunks chunks)
        where TMap : unmanaged, IColumnMap => RunVector(new ColumnMapJob<TMap> { Chunks = chunks, Map = map }, chunks.Count);

    protected override void RunPReluBackward(Tensor x, Tensor slope, Tensor dy, Tensor? dx, Tensor? dSlope)
    {
        if (x.Count == 0) return;
        RowChunks chunks = Chunks(x);
        using Borrowed partial = _memory.Borrow(dSlope is null ? 0 : (long)chunks.Count * chunks.Columns);
        var map = new PReluBackwardMap
        {
            X = Pointer(x), Slope = Pointer(slope), Dy = Pointer(dy), Dx = PointerOrNull(dx),
            Partial = dSlope is null ? null : partial.Pointer,
        };
        RunColumns(map, chunks);
        if (dSlope is not null) JoinSums(partial.Pointer, chunks.Columns, chunks, Pointer(dSlope), accumulate: true);
    }

    protected override void RunConcatForward(ReadOnlySpan<Tensor> inputs, Tensor y)
    {
        int total = y.Shape.Channels, offset = 0;
        foreach (Tensor input in inputs)
        {
            int width = input.Shape.Channels;
            CopyRows(Pointer(input), width, Pointer(y) + offset, total, width, y.Count / Math.Max(1, total));
            offset += width;
        }
    }

    protected override void RunConcatBackward(Tensor dy, ReadOnlySpan<Tensor> inputGradients)
    {
        int total = dy.Shape.Channels, offset = 0;
        foreach (Tensor gradient in inputGradients)
        {
            int width = gradient.Shape.Channels;
            CopyRows(Pointer(dy) + offset, total, Pointer(gradient), width, width, dy.Count / Math.Max(1, total));
            offset += width;
        }
    }

    private void RunVector<TJob>(TJob job, int items)
        where TJob : unmanaged, IVectorJob => _workers.Run(new WidthJob<TJob>(job, Simd), items);

    // Jobs that add up lanes: one lane has one order.
    private void RunLaneSums<TJob>(TJob job, int items)
        where TJob : unmanaged, IVectorJob => _workers.Run(new WidthJob<TJob>(job, _lanes.Exact ? SimdLevel.Scalar : Simd), items);

    private void Map<TMap>(TMap map, Tensor x, Tensor y)
        where TMap : unmanaged, IUnaryMap => RunElements(new UnaryMap<TMap> { X = Pointer(x), Y = Pointer(y), Map = map }, y.Count);

    private void Map<TMap>(TMap map, Tensor a, Tensor b, Tensor y)
        where TMap : unmanaged, IBinaryMap => RunElements(new BinaryMap<TMap> { A = Pointer(a), B = Pointer(b), Y = Pointer(y), Map = map }, y.Count);

    private void RunElements<TMap>(TMap map, long count)
        where TMap : unmanaged, IElementMap => RunVector(new ElementJob<TMap> { Count = count, Map = map }, ElementChunks.Items(count));

    private void FillMemory(float* y, long count, float value) =>
        _workers.Run(new FillJob { Y = y, Count = count, Value = value }, ElementChunks.Items(count));

    private void CopyRows(float* source, long sourceStride, float* target, long targetStride, int width, long rows)
    {
        if (width == 0 || rows == 0) return;
        int rowsPerItem = Math.Max(1, ElementChunks.Length / width);
        var job = new RowCopyJob
        {
            Source = source, Target = target, SourceStride = sourceStride, TargetStride = targetStride,
            Rows = rows, Width = width, RowsPerItem = rowsPerItem,
        };
        _workers.Run(job, checked((int)((rows + rowsPerItem - 1) / rowsPerItem)));
    }
}
