namespace IlgpuSpp.Engine.Cpu;

// Convolutions.
//   Direct: any kernel, stride, padding and groups. Windows are gathered into scratch memory by blocks and multiplied
//   with packed weights (ConvJob, ConvWeightJob). The input gradient is a convolution of the output gradient with the
//   weights turned round; with a stride it falls apart into one such convolution for each residue of the input position.
//   Winograd: 3x3 of stride 1 and 5x5 of stride 2 with enough channels and tiles (CpuBackend.ConvWinograd.cs).
public sealed unsafe partial class CpuBackend
{
    protected override void RunConvForward(Tensor x, Tensor w, Tensor? bias, Tensor y, ConvGeometry geometry, Activation activation)
    {
        if (IsApart(activation))
        {
            RunConvForward(x, w, bias, y, geometry, Activation.None);
            RunActivationForward(activation, y, y);
            return;
        }
        if (UsesWinograd(x.Shape, y.Shape, geometry))
        {
            using Borrowed transformed = _memory.Borrow(WinogradLength(w.Shape, geometry));
            WinogradTransform(Pointer(w), w.Shape, geometry, transformed.Pointer);
            WinogradForward(x, w.Shape, transformed.Pointer, PointerOrNull(bias), null, y, geometry, activation);
            return;
        }
        TileTarget target = TileTarget.Assign(Pointer(y));
        target.Bias = PointerOrNull(bias);
        target.Activation = activation;
        using Borrowed panels = _memory.Borrow(PanelsLength(w.Shape, geometry.Groups));
        Pack(Pointer(w), w.Shape, geometry.Groups, panels.Pointer);
        ConvolveForward(x, panels.Pointer, y, geometry, target);
    }

    protected override PackedConv RunPackConv(ConvSource source) => new CpuPackedConv(this, source);

    protected override void RunConvForward(Tensor x, PackedConv packed, Tensor? added, Tensor y, Activation activation)
    {
        if (IsApart(activation))
        {
            RunConvForward(x, packed, added, y, Activation.None);
            RunActivationForward(activation, y, y);
            return;
        }
        ConvGeometry geometry = packed.Source.Geometry;
        bool winograd = UsesWinograd(x.Shape, y.Shape, geometry, packed: true);
        PackedWeights weights = ((CpuPackedConv)packed).Of(winograd);
        if (winograd)
        {
            WinogradForward(x, packed.Source.Weights.Shape, weights.Values, weights.Bias, PointerOrNull(added), y, geometry, activation);
            return;
        }
        TileTarget target = added is null ? TileTarget.Assign(Pointer(y)) : TileTarget.AssignSum(Pointer(y), Pointer(added));
        target.Bias = weights.Bias;
        target.Activation = activation;
        ConvolveForward(x, weights.Values, y, geometry, target);
    }

    /// <summary>Floats of a direct convolution's panels.</summary>
    internal long PanelsLength(Shape weights, int groups)
    {
        MicroKernel kernel = MicroKernel.For(_lanes, weights[3] / groups);
        return (long)groups * kernel.Panels(weights[3] / groups) * kernel.Columns * weights[0] * weights[1] * weights[2];
    }

    /// <summary>Packs weights <c>[kh, kw, in/groups, out]</c> for a direct convolution.</summary>
    internal void Pack(float* w, Shape weights, int groups, float* panels) => _workers.Run(new PackWeightsJob
    {
        Weights = w,
        Panels = panels,
        Width = MicroKernel.For(_lanes, weights[3] / groups).Columns,
        KernelWidth = weights[1],
        InChannels = weights[2],
        OutChannels = weights[3],
        Groups = groups,
        TapsHeight = weights[0],
        TapsWidth = weights[1],
        RowStep = 1,
        ColumnStep = 1,
    });

    private void ConvolveForward(Tensor x, float* panels, Tensor y, ConvGeometry geometry, TileTarget target)
    {
        PatchGrid grid = PatchGrid.Forward(Pointer(x), x.Shape, y.Shape, geometry);
        int outChannels = y.Shape.Channels;
        nint rowStride = (nint)y.Shape.Width * outChannels;
        Convolve(grid, x.Shape.Batch, geometry.Groups, panels, outChannels / geometry.Groups, target, y.Shape.Height * rowStride, rowStride, outChannels);
    }

    protected override void RunConvBackwardInput(Tensor dy, Tensor w, Tensor dx, ConvGeometry geometry)
    {
        if (UsesWinograd(dx.Shape, dy.Shape, geometry))
        {
            WinogradBackwardInput(dy, Pointer(w), dx, geometry);
            return;
        }
        for (int row = 0; row < geometry.StrideHeight; row++)
            for (int column = 0; column < geometry.StrideWidth; column++)
                InputGradientOfResidue(dy, Pointer(w), dx, geometry, row, column);
    }

    protected override void RunConvBackwardParameters(Tensor x, Tensor dy, Tensor dw, Tensor? dBias, ConvGeometry geometry)
    {
        if (dy.Count == 0) return;
        if (UsesWinograd(x.Shape, dy.Shape, geometry))
        {
            WinogradBackwardParameters(x, dy, Pointer(dw), PointerOrNull(dBias), geometry);
            return;
        }
        PatchGrid grid = PatchGrid.Forward(Pointer(x), x.Shape, dy.Shape, geometry);
        int outChannels = dy.Shape.Channels;
        float* pdy = Pointer(dy), pdw = Pointer(dw), pdBias = PointerOrNull(dBias);
        MicroKernel kernel = MicroKernel.For(_lanes, outChannels / geometry.Groups);
        var work = new ConvWeightJob(kernel, grid, x.Shape.Batch, geometry.Groups, pdy, outChannels, pdw, pdBias);
        using Borrowed scratch = _memory.Borrow(work.ScratchLength * _workers.Threads);
        using Borrowed partials = _memory.Borrow(work.Parts == 1 ? 0 : work.Parts * work.PartialLength);
        _workers.Run(new ConvWeightJob(work, partials.Pointer, scratch.Pointer), work.Items);
        if (work.Parts > 1)
        {
            Combine(partials.Pointer, work.PartialLength, work.Parts, pdw, dw.Count);
            if (pdBias is not null) Combine(partials.Pointer + dw.Count, work.PartialLength, work.Parts, pdBias, outChannels);
        }
    }

    // The input rows with (row + pad) mod stride = residue see the taps residue, residue + stride, …, and those alone;
    // likewise the columns. Tap residue + t·stride of input row i reads output row (i + pad − residue) / stride − t.
    private void InputGradientOfResidue(Tensor dy, float* w, Tensor dx, ConvGeometry geometry, int rowResidue, int columnResidue)
    {
        int outChannels = dy.Shape.Channels, inChannels = dx.Shape.Channels;
        (int firstRow, int rowQuotient) = FirstOfResidue(rowResidue, geometry.PadHeight, geometry.StrideHeight);
        (int firstColumn, int columnQuotient) = FirstOfResidue(columnResidue, geometry.PadWidth, geometry.StrideWidth);
        int rows = Count(dx.Shape.Height, firstRow, geometry.StrideHeight), columns = Count(dx.Shape.Width, firstColumn, geometry.StrideWidth);
        int tapRows = Count(geometry.KernelHeight, rowResidue, geometry.StrideHeight);
        int tapColumns = Count(geometry.KernelWidth, columnResidue, geometry.StrideWidth);
        if (rows == 0 || columns == 0) return;
        var grid = new PatchGrid
        {
            Map = Pointer(dy),
            Height = dy.Shape.Height,
            Width = dy.Shape.Width,
            Channels = outChannels,
            GroupChannels = outChannels / geometry.Groups,
            GridHeight = rows,
            GridWidth = columns,
            KernelHeight = tapRows,
            KernelWidth = tapColumns,
            StrideHeight = 1,
            StrideWidth = 1,
            PadHeight = tapRows - 1 - rowQuotient,
            PadWidth = tapColumns - 1 - columnQuotient,
        };
        var pack = new PackWeightsJob
        {
            Weights = w,
            KernelWidth = geometry.KernelWidth,
            InChannels = inChannels / geometry.Groups,
            OutChannels = outChannels,
            Groups = geometry.Groups,
            TapsHeight = tapRows,
            TapsWidth = tapColumns,
            FirstRow = rowResidue + (tapRows - 1) * geometry.StrideHeight,
            FirstColumn = columnResidue + (tapColumns - 1) * geometry.StrideWidth,
            RowStep = -geometry.StrideHeight,
            ColumnStep = -geometry.StrideWidth,
            Transposed = true,
        };
        nint rowStride = (nint)dx.Shape.Width * inChannels;
        TileTarget target = TileTarget.Assign(Pointer(dx) + firstRow * rowStride + (nint)firstColumn * inChannels);
        int groupChannels = inChannels / geometry.Groups;
        MicroKernel kernel = MicroKernel.For(_lanes, groupChannels);
        using Borrowed panels = _memory.Borrow((long)pack.Groups * kernel.Panels(groupChannels) * kernel.Columns * grid.Depth);
        pack.Width = kernel.Columns;
        pack.Panels = panels.Pointer;
        _workers.Run(pack);
        Convolve(
            grid, dx.Shape.Batch, geometry.Groups, panels.Pointer, groupChannels, target,
            dx.Shape.Height * rowStride, geometry.StrideHeight * rowStride, (nint)geometry.StrideWidth * inChannels);
    }

    private void Convolve(
        PatchGrid grid, int images, int groups, float* panels, int columns, TileTarget target, nint imageStride, nint rowStride, nint columnStride)
    {
        if (images == 0 || columns == 0) return;
        using Borrowed scratch = _memory.Borrow((long)BlockScratch.Length * _workers.Threads);
        _workers.Run(new ConvJob(MicroKernel.For(_lanes, columns), grid, images, groups, panels, columns, target, imageStride, rowStride, columnStride, scratch.Pointer));
    }

    private void Combine(float* partials, long stride, int parts, float* sums, long length)
    {
        _workers.Run(new CombineJob { Partials = partials, PartStride = stride, Parts = parts, Sums = sums, Length = length });
    }

    private static (int First, int Quotient) FirstOfResidue(int residue, int pad, int stride)
    {
        int first = ((residue - pad) % stride + stride) % stride;
        return (first, (first + pad - residue) / stride);
    }

    private static int Count(int extent, int first, int stride) => first >= extent ? 0 : (extent - first + stride - 1) / stride;
}
