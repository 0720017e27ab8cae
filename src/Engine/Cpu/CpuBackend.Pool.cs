namespace IlgpuSpp.Engine.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public override void MaxPoolForward(Tensor x, Tensor y, Tensor<int>? argmax, PoolGeometry geometry)
    {
        OpChecks.Pool(nameof(MaxPoolForward), x.Shape, y.Shape, argmax, geometry);
        var job = new MaxPoolForwardJob
        {
            X = Pointer(x), Y = Pointer(y), Argmax = PointerOrNull(argmax), Extents = Extents(x.Shape, y.Shape, geometry),
        };
        RunVector(job, x.Shape.Batch * y.Shape.Height);
    }

    /// <inheritdoc/>
    public override void MaxPoolBackward(Tensor dy, Tensor<int> argmax, Tensor dx, PoolGeometry geometry)
    {
        OpChecks.Pool(nameof(MaxPoolBackward), dx.Shape, dy.Shape, argmax, geometry);
        var job = new MaxPoolBackwardJob
        {
            Dy = Pointer(dy), Dx = Pointer(dx), Argmax = Pointer(argmax), Extents = Extents(dx.Shape, dy.Shape, geometry),
        };
        RunVector(job, dx.Shape.Batch * dx.Shape.Height);
    }

    /// <inheritdoc/>
    public override void AveragePoolForward(Tensor x, Tensor y, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        OpChecks.Pool(nameof(AveragePoolForward), x.Shape, y.Shape, null, geometry);
        var job = new AveragePoolForwardJob
        {
            X = Pointer(x), Y = Pointer(y), Extents = Extents(x.Shape, y.Shape, geometry), Divisor = divisor,
        };
        RunVector(job, x.Shape.Batch * y.Shape.Height);
    }

    /// <inheritdoc/>
    public override void AveragePoolBackward(Tensor dy, Tensor dx, PoolGeometry geometry, AveragePoolDivisor divisor)
    {
        OpChecks.Pool(nameof(AveragePoolBackward), dx.Shape, dy.Shape, null, geometry);
        var job = new AveragePoolBackwardJob
        {
            Dy = Pointer(dy), Dx = Pointer(dx), Extents = Extents(dx.Shape, dy.Shape, geometry), Divisor = divisor,
        };
        RunVector(job, dx.Shape.Batch * dx.Shape.Height);
    }

    private static PoolExtents Extents(Shape map, Shape output, PoolGeometry geometry) => new()
    {
        Height = map.Height, Width = map.Width, OutHeight = output.Height, OutWidth = output.Width,
        Channels = map.Channels, Geometry = geometry,
    };
}
