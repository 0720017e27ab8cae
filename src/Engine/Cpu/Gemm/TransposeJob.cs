using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>
/// y = f(xᵀ + bias) for a row-major matrix <c>x: [rows, columns]</c> and <c>y: [columns, rows]</c>, the bias along the rows
/// of x. An item is a stretch of rows.
/// </summary>
internal unsafe struct TransposeJob : IParallelJob
{
    private const int RowsPerItem = 128;

    public float* X, Y, Bias;
    public int Rows, Columns;
    public Activation Activation;

    /// <summary>How many items there are.</summary>
    public readonly int Items => (Rows + RowsPerItem - 1) / RowsPerItem;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int item, int worker)
    {
        int first = item * RowsPerItem, rows = Math.Min(RowsPerItem, Rows - first);
        for (int column = 0; column < Columns; column++)
        {
            float* from = X + (nint)first * Columns + column, to = Y + (nint)column * Rows + first;
            for (int row = 0; row < rows; row++, from += Columns)
                to[row] = Bias is null ? *from : *from + Bias[first + row];
            Activate(to, rows);
        }
    }

    private readonly void Activate(float* values, int count)
    {
        switch (Activation.Kind)
        {
            case ActivationKind.Relu:
                for (int i = 0; i < count; i++) if (values[i] < 0) values[i] = 0;
                break;
            case ActivationKind.LeakyRelu:
                for (int i = 0; i < count; i++) if (values[i] < 0) values[i] *= Activation.Slope;
                break;
            case ActivationKind.Sigmoid:
                for (int i = 0; i < count; i++) values[i] = 1 / (1 + MathF.Exp(-values[i]));
                break;
        }
    }
}
