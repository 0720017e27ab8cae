using IlgpuSpp.Engine.Ilgpu.Kernels;

namespace IlgpuSpp.Engine.Ilgpu;

/// <remarks>
/// Implicit products: the input is gathered tile by tile as the product loads it, nothing is unrolled in memory. The
/// input gradient runs one product for each phase of the stride.
/// </remarks>
public sealed partial class IlgpuBackend
{
    private ProductLauncher<PatchRows, OuterContiguous, MatrixStore> _convForward = null!;
    private ProductLauncher<PhaseGradientRows, PhaseWeightRows, PhaseStore> _convInput = null!;
    private ProductLauncher<PatchColumns, OuterContiguous, MatrixStore> _convWeights = null!;

    protected override void RunConvForward(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvGeometry geometry, Activation activation)
    {
        using var scope = Enter();
        ConvExtent conv = ExtentOf(x.Shape, y.Shape, geometry);
        int rows = y.Shape.Batch * conv.OutHeight * conv.OutWidth, depth = geometry.KernelHeight * geometry.KernelWidth * conv.GroupIn;
        var patches = new PatchRows
        {
            Values = View(x),
            Conv = conv,
            ByChannel = FastDivisor.Of(conv.GroupIn),
            ByKernelWidth = FastDivisor.Of(conv.KernelWidth),
            ByOutWidth = FastDivisor.Of(conv.OutWidth),
            ByOutHeight = FastDivisor.Of(conv.OutHeight),
            Rows = rows,
            Vector = Quads(x, conv.Channels, conv.GroupIn),
        };
        MatrixStore store = StoreTo(y, rows, conv.GroupOut);
        store.Pitch = conv.OutChannels;
        store.PartStride = conv.GroupOut;
        store.Vector = Quads(y, conv.OutChannels, conv.GroupOut);
        Fuse(ref store, bias, activation);
        Product(_convForward, patches, ChannelColumns(w, conv), store, depth, conv.Groups);
        if (activation.Kind == ActivationKind.Sigmoid) Activate(activation, y, y);
    }

    protected override void RunConvBackwardInput(Tensor dy, Tensor w, Tensor dx, ConvGeometry geometry)
    {
        using var scope = Enter();
        if (dx.Count == 0) return;
        ConvExtent conv = ExtentOf(dx.Shape, dy.Shape, geometry);
        int high = Ceiling(conv.Height, conv.StrideHeight), wide = Ceiling(conv.Width, conv.StrideWidth);
        int tapsHigh = Ceiling(conv.KernelHeight, conv.StrideHeight), tapsWide = Ceiling(conv.KernelWidth, conv.StrideWidth);
        var phase = new PhaseExtent
        {
            Conv = conv,
            ByChannel = FastDivisor.Of(conv.GroupOut),
            ByTapsWide = FastDivisor.Of(tapsWide),
            ByWide = FastDivisor.Of(wide),
            ByHigh = FastDivisor.Of(high),
            TapsWide = tapsWide,
            High = high,
            Wide = wide,
            Rows = dx.Shape.Batch * high * wide,
        };
        var gradients = new PhaseGradientRows { Values = View(dy), Phase = phase, Vector = Quads(dy, conv.OutChannels, conv.GroupOut) };
        var weights = new PhaseWeightRows { Values = View(w), Phase = phase, Vector = Quads(w, conv.OutChannels, conv.GroupOut) };
        var store = new PhaseStore { Values = View(dx), Phase = phase, Vector = Quads(dx, conv.Channels, conv.GroupIn) };
        int parts = conv.StrideHeight * conv.StrideWidth * conv.Groups;
        int depth = tapsHigh * tapsWide * conv.GroupOut;
        Launch(_convInput, FormFor(phase.Rows, conv.GroupIn, depth, parts), gradients, weights, store, phase.Rows, conv.GroupIn, depth, parts, 1);
    }

    protected override void RunConvBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias, ConvGeometry geometry)
    {
        using var scope = Enter();
        ConvExtent conv = ExtentOf(x.Shape, dy.Shape, geometry);
        int rows = geometry.KernelHeight * geometry.KernelWidth * conv.GroupIn, pixels = dy.Shape.Batch * conv.OutHeight * conv.OutWidth;
        var patches = new PatchColumns
        {
            Values = View(x),
            Conv = conv,
            ByChannel = FastDivisor.Of(conv.GroupIn),
            ByKernelWidth = FastDivisor.Of(conv.KernelWidth),
            ByOutWidth = FastDivisor.Of(conv.OutWidth),
            ByOutHeight = FastDivisor.Of(conv.OutHeight),
            Rows = rows,
            Vector = Quads(x, conv.Channels, conv.GroupIn),
        };
        MatrixStore store = StoreTo(dw, rows, conv.GroupOut);
        store.Pitch = conv.OutChannels;
        store.PartStride = conv.GroupOut;
        store.Vector = Quads(dw, conv.OutChannels, conv.GroupOut);
        store.Beta = 1;
        Product(_convWeights, patches, ChannelColumns(dy, conv), store, pixels, conv.Groups);
        if (dBias is not null) AddColumnSums(dy, pixels, conv.OutChannels, dBias, accumulate: true);
    }

    private OuterContiguous ChannelColumns(Tensor matrix, ConvExtent conv) => new()
    {
        Values = View(matrix),
        Outer = conv.GroupOut,
        Pitch = conv.OutChannels,
        PartStride = conv.GroupOut,
        Vector = Quads(matrix, conv.OutChannels, conv.GroupOut),
    };

    // Whether four neighbouring channels of a group can be read as one aligned access.
    private static int Quads(Tensor tensor, int channels, int groupChannels) =>
        Aligned(tensor) && channels % 4 == 0 && groupChannels % 4 == 0 ? 1 : 0;

    private static int Ceiling(int a, int b) => (a + b - 1) / b;

    private static ConvExtent ExtentOf(Shape x, Shape y, ConvGeometry geometry) => new()
    {
        Height = x.Height,
        Width = x.Width,
        Channels = x.Channels,
        OutHeight = y.Height,
        OutWidth = y.Width,
        OutChannels = y.Channels,
        StrideHeight = geometry.StrideHeight,
        StrideWidth = geometry.StrideWidth,
        PadHeight = geometry.PadHeight,
        PadWidth = geometry.PadWidth,
        KernelHeight = geometry.KernelHeight,
        KernelWidth = geometry.KernelWidth,
        GroupIn = x.Channels / geometry.Groups,
        GroupOut = y.Channels / geometry.Groups,
        Groups = geometry.Groups,
    };
}
