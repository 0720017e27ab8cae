namespace IlgpuSpp.Engine.Cpu;

/// <summary>The Winograd transforms of one instruction set. Unmanaged, so that jobs can hold it.</summary>
internal readonly unsafe struct WinogradKernel
{
    private readonly delegate*<float*, nint, nint, float*, nint, int, int> _input, _outputGradient;
    private readonly delegate*<float*, nint, float*, nint, nint, TileExtent, float*, bool, int, int> _output;
    private readonly delegate*<float**, float*, nint, int, int, int> _weights;
    private readonly delegate*<float*, nint, float**, int, int, int> _weightGradient;

    private WinogradKernel(
        delegate*<float*, nint, nint, float*, nint, int, int> input,
        delegate*<float*, nint, float*, nint, nint, TileExtent, float*, bool, int, int> output,
        delegate*<float*, nint, nint, float*, nint, int, int> outputGradient,
        delegate*<float**, float*, nint, int, int, int> weights,
        delegate*<float*, nint, float**, int, int, int> weightGradient)
    {
        _input = input;
        _output = output;
        _outputGradient = outputGradient;
        _weights = weights;
        _weightGradient = weightGradient;
    }

    /// <summary>The transforms for an instruction set.</summary>
    public static WinogradKernel For(SimdLevel level) => level switch
    {
        SimdLevel.Avx512 => Of<Lanes512>(),
        SimdLevel.Avx2 => Of<Lanes256>(),
        SimdLevel.Vector128 => Of<Lanes128>(),
        _ => Of<LanesScalar>(),
    };

    /// <inheritdoc cref="WinogradTransform{TLanes}.Input"/>
    public void Input(float* source, nint rowStride, nint columnStride, float* destination, nint pointStride, int channels)
    {
        int done = _input(source, rowStride, columnStride, destination, pointStride, channels);
        if (done < channels) WinogradTransform<LanesScalar>.Input(source + done, rowStride, columnStride, destination + done, pointStride, channels - done);
    }

    /// <inheritdoc cref="WinogradTransform{TLanes}.Output"/>
    public void Output(
        float* source, nint pointStride, float* destination, nint rowStride, nint columnStride, TileExtent inside, float* bias, bool relu, int channels)
    {
        int done = _output(source, pointStride, destination, rowStride, columnStride, inside, bias, relu, channels);
        if (done < channels)
            WinogradTransform<LanesScalar>.Output(
                source + done, pointStride, destination + done, rowStride, columnStride, inside, bias is null ? null : bias + done, relu, channels - done);
    }

    /// <inheritdoc cref="WinogradTransform{TLanes}.OutputGradient"/>
    public void OutputGradient(float* source, nint rowStride, nint columnStride, float* destination, nint pointStride, int channels)
    {
        int done = _outputGradient(source, rowStride, columnStride, destination, pointStride, channels);
        if (done < channels)
            WinogradTransform<LanesScalar>.OutputGradient(source + done, rowStride, columnStride, destination + done, pointStride, channels - done);
    }

    /// <inheritdoc cref="WinogradTransform{TLanes}.Weights"/>
    public void Weights(float** taps, float* destination, nint pointStride, int first, int channels)
    {
        int done = _weights(taps, destination, pointStride, first, channels);
        if (done < channels) WinogradTransform<LanesScalar>.Weights(taps, destination + done, pointStride, first + done, channels - done);
    }

    /// <inheritdoc cref="WinogradTransform{TLanes}.WeightGradient"/>
    public void WeightGradient(float* source, nint pointStride, float** taps, int first, int channels)
    {
        int done = _weightGradient(source, pointStride, taps, first, channels);
        if (done < channels) WinogradTransform<LanesScalar>.WeightGradient(source + done, pointStride, taps, first + done, channels - done);
    }

    private static WinogradKernel Of<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> =>
        new(&WinogradTransform<TLanes>.Input,
            &WinogradTransform<TLanes>.Output,
            &WinogradTransform<TLanes>.OutputGradient,
            &WinogradTransform<TLanes>.Weights,
            &WinogradTransform<TLanes>.WeightGradient);
}
