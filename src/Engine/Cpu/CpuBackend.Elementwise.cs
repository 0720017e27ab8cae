namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public override void Fill(Tensor y, float value) => FillMemory(Pointer(y), y.Count, value);

    /// <inheritdoc/>
    public override void Copy(Tensor x, Tensor y)
    {
        OpChecks.SameCount(x, y);
        _workers.Run(new CopyJob { X = Pointer(x), Y = Pointer(y), Count = x.Count }, ElementChunks.Items(x.Count));
    }

    /// <inheritdoc/>
    public override void Add(Tensor a, Tensor b, Tensor y)
    {
        OpChecks.SameCount(a, b, y);
        Map(new AddMap(), a, b, y);
    }

    /// <inheritdoc/>
    public override void Multiply(Tensor a, Tensor b, Tensor y)
    {
        OpChecks.SameCount(a, b, y);
        Map(new MultiplyMap(), a, b, y);
    }

    /// <inheritdoc/>
    public override void Scale(Tensor x, float scale, Tensor y)
    {
        OpChecks.SameCount(x, y);
        Map(new ScaleMap(scale), x, y);
    }

    /// <inheritdoc/>
    public override void Accumulate(Tensor x, float scale, Tensor y)
    {
        OpChecks.SameCount(x, y);
        Map(new AccumulateMap(scale), x, y, y);
    }

    /// <inheritdoc/>
    public override void ActivationForward(Activation activation, Tensor x, Tensor y)
    {
        OpChecks.SameCount(x, y);
        switch (activation.Kind)
        {
            case ActivationKind.None:
                if (Pointer(x) != Pointer(y)) Copy(x, y);
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
            default:
                throw UnknownActivation(activation);
        }
    }

    /// <inheritdoc/>
    public override void ActivationBackward(Activation activation, Tensor y, Tensor dy, Tensor dx)
    {
        OpChecks.SameCount(y, dy, dx);
        switch (activation.Kind)
        {
            case ActivationKind.None:
                if (Pointer(dy) != Pointer(dx)) Copy(dy, dx);
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
            default:
                throw UnknownActivation(activation);
        }
    }

    /// <inheritdoc/>
    public override void ConcatForward(ReadOnlySpan<Tensor> inputs, Tensor y)
    {
        OpChecks.Concat(nameof(ConcatForward), inputs, y);
        int total = y.Shape.Channels, offset = 0;
        foreach (Tensor input in inputs)
        {
            int width = input.Shape.Channels;
            CopyRows(Pointer(input), width, Pointer(y) + offset, total, width, y.Count / Math.Max(1, total));
            offset += width;
        }
    }

    /// <inheritdoc/>
    public override void ConcatBackward(Tensor dy, ReadOnlySpan<Tensor> inputGradients)
    {
        OpChecks.Concat(nameof(ConcatBackward), inputGradients, dy);
        int total = dy.Shape.Channels, offset = 0;
        foreach (Tensor gradient in inputGradients)
        {
            int width = gradient.Shape.Channels;
            CopyRows(Pointer(dy) + offset, total, Pointer(gradient), width, width, dy.Count / Math.Max(1, total));
            offset += width;
        }
    }

    private static ArgumentException UnknownActivation(Activation activation) =>
        new($"There is no activation {activation.Kind}.", nameof(activation));

    private void RunVector<TJob>(TJob job, int items)
        where TJob : unmanaged, IVectorJob => _workers.Run(new WidthJob<TJob>(job, Simd), items);

    private void Map<TMap>(TMap map, Tensor x, Tensor y)
        where TMap : unmanaged, IUnaryMap =>
        RunVector(new UnaryJob<TMap> { X = Pointer(x), Y = Pointer(y), Count = y.Count, Map = map }, ElementChunks.Items(y.Count));

    private void Map<TMap>(TMap map, Tensor a, Tensor b, Tensor y)
        where TMap : unmanaged, IBinaryMap =>
        RunVector(new BinaryJob<TMap> { A = Pointer(a), B = Pointer(b), Y = Pointer(y), Count = y.Count, Map = map }, ElementChunks.Items(y.Count));

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
