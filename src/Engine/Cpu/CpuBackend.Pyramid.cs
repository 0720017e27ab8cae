namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void PyramidForward(Tensor x, Tensor y, IndexTensor? argmax, Pyramid pyramid)
    {
        OpChecks.Pyramid(nameof(PyramidForward), x.Shape, y.Shape, argmax, pyramid);
        PoolPyramid(x, null, y, argmax, pyramid, windowsPerItem: 1);
    }

    /// <inheritdoc/>
    public void PyramidBackward(Tensor dy, IndexTensor argmax, Tensor dx, Pyramid pyramid)
    {
        OpChecks.Pyramid(nameof(PyramidBackward), dx.Shape, dy.Shape, argmax, pyramid);
        ScatterPyramid(dy, null, argmax, dx, pyramid);
    }

    /// <inheritdoc/>
    public void WindowPyramidForward(Tensor x, IndexTensor windows, Tensor y, IndexTensor? argmax, Pyramid pyramid)
    {
        OpChecks.WindowPyramid(nameof(WindowPyramidForward), x.Shape, windows.Shape, y.Shape, argmax, pyramid);
        PoolPyramid(x, windows, y, argmax, pyramid, windowsPerItem: 16);
    }

    /// <inheritdoc/>
    public void WindowPyramidBackward(Tensor dy, IndexTensor windows, IndexTensor argmax, Tensor dx, Pyramid pyramid)
    {
        OpChecks.WindowPyramid(nameof(WindowPyramidBackward), dx.Shape, windows.Shape, dy.Shape, argmax, pyramid);
        ScatterPyramid(dy, windows, argmax, dx, pyramid);
    }

    private void PoolPyramid(Tensor x, IndexTensor? windows, Tensor y, IndexTensor? argmax, Pyramid pyramid, int windowsPerItem)
    {
        fixed (int* levels = pyramid.Levels.AsSpan())
        {
            PyramidExtents extents = Extents(x.Shape, windows, pyramid, levels);
            if (extents.Count == 0 || extents.Channels == 0) return;
            long scratch = PyramidForwardJob.ScratchLength(extents, argmax is not null);
            int runs = (extents.Count + windowsPerItem - 1) / windowsPerItem;
            var job = new PyramidForwardJob
            {
                X = Pointer(x), Y = Pointer(y), Argmax = PointerOrNull(argmax), Extents = extents,
                WindowsPerItem = windowsPerItem, Runs = runs, ScratchStride = scratch,
            };
            NativeBlock block = _memory.Rent(scratch * _workers.Threads);
            job.Scratch = block.Pointer;
            try
            {
                RunVector(job, checked((extents.Channels + PyramidForwardJob.Block - 1) / PyramidForwardJob.Block * runs));
            }
            finally
            {
                _memory.Return(block);
            }
        }
    }

    private void ScatterPyramid(Tensor dy, IndexTensor? windows, IndexTensor argmax, Tensor dx, Pyramid pyramid)
    {
        fixed (int* levels = pyramid.Levels.AsSpan())
        {
            int blocks = (dx.Shape.Channels + PyramidBackwardJob.Block - 1) / PyramidBackwardJob.Block;
            var job = new PyramidBackwardJob
            {
                Dy = Pointer(dy), Dx = Pointer(dx), Argmax = Pointer(argmax), Blocks = blocks,
                Extents = Extents(dx.Shape, windows, pyramid, levels),
            };
            _workers.Run(job, checked(dx.Shape.Batch * blocks));
        }
    }

    private PyramidExtents Extents(Shape map, IndexTensor? windows, Pyramid pyramid, int* levels)
    {
        int side = 0;
        foreach (int level in pyramid.Levels) side += level;
        return new PyramidExtents
        {
            Images = map.Batch, Height = map.Height, Width = map.Width, Channels = map.Channels,
            Count = windows?.Shape.Batch ?? map.Batch, Windows = PointerOrNull(windows),
            Levels = levels, LevelCount = pyramid.Levels.Length, Bins = pyramid.Bins, SideBins = side, Rule = pyramid.Rule,
        };
    }
}
