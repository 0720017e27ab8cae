namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    protected override void RunPyramidForward(Tensor x, Tensor y, Tensor<int>? argmax, Pyramid pyramid) => PoolPyramid(x, null, y, argmax, pyramid, windowsPerItem: 1);

    protected override void RunPyramidBackward(Tensor dy, Tensor<int> argmax, Tensor dx, Pyramid pyramid) => ScatterPyramid(dy, null, argmax, dx, pyramid);

    protected override void RunWindowPyramidForward(Tensor x, Tensor<int> windows, Tensor y, Tensor<int>? argmax, Pyramid pyramid) =>
        PoolPyramid(x, windows, y, argmax, pyramid, windowsPerItem: 16);

    protected override void RunWindowPyramidBackward(Tensor dy, Tensor<int> windows, Tensor<int> argmax, Tensor dx, Pyramid pyramid) =>
        ScatterPyramid(dy, windows, argmax, dx, pyramid);

    private void PoolPyramid(Tensor x, Tensor<int>? windows, Tensor y, Tensor<int>? argmax, Pyramid pyramid, int windowsPerItem)
    {
        PyramidExtents extents = Extents(x.Shape, windows, pyramid);
        if (extents.Count == 0 || extents.Channels == 0) return;
        int runs = (extents.Count + windowsPerItem - 1) / windowsPerItem;
        var job = new PyramidForwardJob
        {
            X = Pointer(x), Y = Pointer(y), Argmax = PointerOrNull(argmax), WindowsPerItem = windowsPerItem, Runs = runs,
        };
        int planLength = pyramid.Levels.Length * sizeof(LevelStep) / sizeof(float) + 1;
        using Borrowed steps = _memory.Borrow(planLength);
        extents.Levels = LevelPlan.Create(pyramid, (LevelStep*)steps.Pointer);
        job.Extents = extents;
        job.ScratchStride = PyramidForwardJob.ScratchLength(extents, argmax is not null);
        using Borrowed block = _memory.Borrow(job.ScratchStride * _workers.Threads);
        job.Scratch = block.Pointer;
        RunVector(job, checked((extents.Channels + PyramidForwardJob.Block - 1) / PyramidForwardJob.Block * runs));
    }

    private void ScatterPyramid(Tensor dy, Tensor<int>? windows, Tensor<int> argmax, Tensor dx, Pyramid pyramid)
    {
        fixed (int* levels = pyramid.Levels.AsSpan())
        {
            int blocks = (dx.Shape.Channels + PyramidBackwardJob.Block - 1) / PyramidBackwardJob.Block;
            var job = new PyramidBackwardJob
            {
                Dy = Pointer(dy), Dx = Pointer(dx), Argmax = Pointer(argmax), Blocks = blocks,
                Levels = levels, LevelCount = pyramid.Levels.Length, Extents = Extents(dx.Shape, windows, pyramid),
            };
            _workers.Run(job, checked(dx.Shape.Batch * blocks));
        }
    }

    private PyramidExtents Extents(Shape map, Tensor<int>? windows, Pyramid pyramid) => new()
    {
        Images = map.Batch, Height = map.Height, Width = map.Width, Channels = map.Channels,
        Count = windows?.Shape.Batch ?? map.Batch, Windows = PointerOrNull(windows), Bins = pyramid.Bins, Rule = pyramid.Rule,
    };
}
