using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu;

/// <remarks>
/// Implicit products: the input is gathered tile by tile as the product loads it, nothing is unrolled in memory. The
/// input gradient runs one product for each phase of the stride. Images of three channels, and other channels that are no
/// multiple of four, are copied to the next multiple with zeros behind, so that their quads are read whole too.
/// </remarks>
internal sealed partial class IlgpuBackend
{
    private Action<AcceleratorStream, Index1D, ArrayView<float>, int, ArrayView<float>, FastDivisor>? _widen;

    protected override void RunConvForward(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvGeometry geometry, Activation activation)
    {
        using var scope = Enter();
        if (Widens(x.Shape, geometry))
        {
            using Tensor wideX = Widen(x), wideW = WidenWeights(w);
            Forward(wideX, wideW, bias, y, geometry, activation);
        }
        else
        {
            Forward(x, w, bias, y, geometry, activation);
        }
        if (activation.Kind >= ActivationKind.Sigmoid) Activate(activation, y, y);
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
            ByWide = FastDivisor.Of(wide),
            ByHigh = FastDivisor.Of(high),
            High = high,
            Wide = wide,
            Rows = dx.Shape.Batch * high * wide,
        };
        var store = new PhaseStore { Values = View(dx), Phase = phase, Vector = Quads(dx, conv.Channels, conv.GroupIn) ? 1 : 0 };
        int parts = conv.StrideHeight * conv.StrideWidth * conv.Groups;
        int depth = tapsHigh * tapsWide * conv.GroupOut;
        if (Quads(dy, conv.OutChannels, conv.GroupOut) && Quads(w, conv.OutChannels, conv.GroupOut)) Run<Quads>();
        else Run<Singles>();

        void Run<TAccess>()
            where TAccess : struct, IAccess
        {
            int tap = conv.GroupIn * conv.OutChannels;
            var walk = new DepthWalk
            {
                InnerRadix = conv.GroupOut,
                MiddleRadix = tapsWide,
                InnerOffset = 1,
                MiddleOffset = -conv.OutChannels,
                OuterOffset = -conv.OutWidth * conv.OutChannels,
                MiddleOther = conv.StrideWidth * tap,
                OuterOther = conv.StrideHeight * conv.KernelWidth * tap,
            };
            var gradients = new ConvSource<TAccess, PhaseGradients> { Values = View(dy), Places = new PhaseGradients { Phase = phase }, Walk = walk };
            var weights = new ConvSource<TAccess, PhaseWeights> { Values = View(w), Places = new PhaseWeights { Phase = phase }, Walk = walk };
            Launch(nameof(ConvBackwardInput), FormFor(phase.Rows, conv.GroupIn, depth, parts), gradients, weights, store, phase.Rows, conv.GroupIn, depth, parts, 1);
        }
    }

    protected override void RunConvBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias, ConvGeometry geometry)
    {
        using var scope = Enter();
        if (Widens(x.Shape, geometry))
        {
            using Tensor wideX = Widen(x), wideDw = Allocate(WideWeights(dw.Shape));
            AddWeightGradient(wideX, dy, wideDw, geometry, old: 0);
            AddNarrow(wideDw, dw);
        }
        else
        {
            AddWeightGradient(x, dy, dw, geometry, old: 1);
        }
        if (dBias is not null) AddColumnSums(dy, Count(dy.Shape) / dy.Shape.Channels, dy.Shape.Channels, dBias, accumulate: true);
    }

    private void Forward(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvGeometry geometry, Activation activation)
    {
        ConvExtent conv = ExtentOf(x.Shape, y.Shape, geometry);
        int rows = y.Shape.Batch * conv.OutHeight * conv.OutWidth, depth = geometry.KernelHeight * geometry.KernelWidth * conv.GroupIn;
        MatrixStore store = ChannelStore(y, rows, conv);
        Fuse(ref store, bias, activation);
        var patches = new PatchRows { Conv = conv, ByOutWidth = FastDivisor.Of(conv.OutWidth), ByOutHeight = FastDivisor.Of(conv.OutHeight), Rows = rows };
        var walk = new DepthWalk { InnerRadix = conv.GroupIn, MiddleRadix = conv.KernelWidth, InnerOffset = 1, MiddleOffset = conv.Channels, OuterOffset = conv.Width * conv.Channels };
        Product(nameof(ConvForward), x, patches, walk, w, store, depth, conv);
    }

    // dw = old·dw + the gradient.
    private void AddWeightGradient(Tensor x, Tensor dy, Tensor dw, ConvGeometry geometry, float old)
    {
        ConvExtent conv = ExtentOf(x.Shape, dy.Shape, geometry);
        int rows = geometry.KernelHeight * geometry.KernelWidth * conv.GroupIn, pixels = dy.Shape.Batch * conv.OutHeight * conv.OutWidth;
        MatrixStore store = ChannelStore(dw, rows, conv);
        store.Beta = old;
        var patches = new PatchColumns { Conv = conv, ByChannel = FastDivisor.Of(conv.GroupIn), ByKernelWidth = FastDivisor.Of(conv.KernelWidth), Rows = rows };
        var walk = new DepthWalk
        {
            InnerRadix = conv.OutWidth,
            MiddleRadix = conv.OutHeight,
            InnerOffset = conv.StrideWidth * conv.Channels,
            MiddleOffset = conv.StrideHeight * conv.Width * conv.Channels,
            OuterOffset = conv.Height * conv.Width * conv.Channels,
        };
        Product(nameof(ConvBackwardParameters), x, patches, walk, dy, store, pixels, conv);
    }

    // Patches of x times a matrix of output channels.
    private void Product<TPlaces>(string name, Tensor x, TPlaces patches, DepthWalk walk, Tensor matrix, MatrixStore store, int depth, ConvExtent conv)
        where TPlaces : struct, IConvPlaces<TPlaces>
    {
        var columns = new Factor(View(matrix), AlongDepth: false, conv.GroupOut, conv.OutChannels, conv.GroupOut, Quads(matrix, conv.OutChannels, conv.GroupOut));
        if (Quads(x, conv.Channels, conv.GroupIn)) Product(name, new ConvSource<Quads, TPlaces> { Values = View(x), Places = patches, Walk = walk }, columns, store, depth, conv.Groups);
        else Product(name, new ConvSource<Singles, TPlaces> { Values = View(x), Places = patches, Walk = walk }, columns, store, depth, conv.Groups);
    }

    private MatrixStore ChannelStore(Tensor matrix, int rows, ConvExtent conv)
    {
        MatrixStore store = StoreTo(matrix, rows, conv.GroupOut);
        store.Pitch = conv.OutChannels;
        store.PartStride = conv.GroupOut;
        store.Vector = Quads(matrix, conv.OutChannels, conv.GroupOut) ? 1 : 0;
        return store;
    }

    // A kernel of one pixel reads each element once: copying would cost more than it saves.
    private static bool Widens(Shape x, ConvGeometry geometry) =>
        geometry.Groups == 1 && x.Channels % 4 != 0 && geometry.KernelHeight * geometry.KernelWidth > 1;

    private static int WideChannels(int channels) => (channels + 3) / 4 * 4;

    private static Shape WideWeights(Shape w) => new(w[0], w[1], WideChannels(w[2]), w[3]);

    private Tensor Widen(Tensor x)
    {
        int channels = x.Shape.Channels, wide = WideChannels(channels);
        Tensor y = Allocate(new Shape(x.Shape.Batch, x.Shape.Height, x.Shape.Width, wide));
        ElementKernel(ref _widen, "Copy to more channels", static () => ElementwiseKernels.Widen)
            (_stream, Count(y.Shape) / 4, View(x), channels, View(y), FastDivisor.Of(wide / 4));
        return y;
    }

    // [rows, columns, channels, outputs] with the channels widened: each tap's matrix is one row of a wider one.
    private Tensor WidenWeights(Tensor w)
    {
        Tensor wide = Allocate(WideWeights(w.Shape));
        int size = w.Shape[2] * w.Shape[3], wideSize = wide.Shape[2] * wide.Shape[3];
        RunFill(wide, 0);
        JoinAt(w, size, wide, wideSize, 0);
        return wide;
    }

    private void AddNarrow(Tensor wideDw, Tensor dw)
    {
        using Tensor narrow = Allocate(dw.Shape);
        CutAt(wideDw, wideDw.Shape[2] * wideDw.Shape[3], 0, narrow, dw.Shape[2] * dw.Shape[3]);
        RunAccumulate(narrow, 1, dw);
    }

    // Whether four neighbouring channels of a group can be read as one aligned access.
    private static bool Quads(Tensor tensor, int channels, int groupChannels) =>
        Aligned(tensor) && channels % 4 == 0 && groupChannels % 4 == 0;

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
