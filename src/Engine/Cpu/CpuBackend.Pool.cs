namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    protected override void RunMaxPoolForward(Tensor x, Tensor y, Tensor<int>? argmax, PoolGeometry geometry)
    {
        if (argmax is null) RunPool(x, y, new MaxPoolMap { Y = Pointer(y) }, geometry);
        else RunPool(x, y, new MaxPlacePoolMap { Y = Pointer(y), Argmax = Pointer(argmax) }, geometry);
    }

    protected override void RunMaxPoolBackward(Tensor dy, Tensor<int> argmax, Tensor dx, PoolGeometry geometry)
    {
        var job = new MaxPoolBackwardJob
        {
            Dy = Pointer(dy), Dx = Pointer(dx), Argmax = Pointer(argmax), Extents = Extents(dx.Shape, dy.Shape, geometry),
        };
        RunVector(job, dx.Shape.Batch * dx.Shape.Height);
    }

    protected override void RunAveragePoolForward(Tensor x, Tensor y, PoolGeometry geometry, AveragePoolDivisor divisor) =>
        RunPool(x, y, new AveragePoolMap { Y = Pointer(y), Divisor = divisor }, geometry);

    protected override void RunAveragePoolBackward(Tensor dy, Tensor dx, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        var job = new AveragePoolBackwardJob
        {
            Dy = Pointer(dy), Dx = Pointer(dx), Extents = Extents(dx.Shape, dy.Shape, geometry), Divisor = divisor,
        };
        RunVector(job, dx.Shape.Batch * dx.Shape.Height);
    }

    private void RunPool<TMap>(Tensor x, Tensor y, TMap map, PoolGeometry geometry)
        where TMap : unmanaged, IPoolMap =>
        RunVector(new PoolForwardJob<TMap> { X = Pointer(x), Extents = Extents(x.Shape, y.Shape, geometry), Map = map }, x.Shape.Batch * y.Shape.Height);

    private static PoolExtents Extents(Shape map, Shape output, PoolGeometry geometry) => new()
    {
        Height = map.Height, Width = map.Width, OutHeight = output.Height, OutWidth = output.Width,
        Channels = map.Channels, Geometry = geometry,
    };
}
