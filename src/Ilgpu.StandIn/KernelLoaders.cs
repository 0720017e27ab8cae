namespace ILGPU.Runtime;

#pragma warning disable CS1591 // The same two methods for every number of arguments.

/// <summary>Turns kernels into launchers: kernels over an index, and kernels over groups.</summary>
public static class KernelLoaders
{
    public static Action<AcceleratorStream, TIndex, T1> LoadAutoGroupedKernel<TIndex, T1>(this Accelerator accelerator, Action<TIndex, T1> action)
        where TIndex : struct
        where T1 : struct
    {
        var kernel = (Action<Index1D, T1>)(object)action;
        return (_, count, a1) => accelerator.RunIndices(action.Method.Name, (Index1D)(object)count, i => kernel(i, a1));
    }

    public static Action<AcceleratorStream, KernelConfig, T1> LoadKernel<T1>(this Accelerator accelerator, Action<T1> action)
        where T1 : struct
    {
        return (_, config, a1) => accelerator.RunGroups(action.Method.Name, config, () => action(a1));
    }

    public static Action<AcceleratorStream, TIndex, T1, T2> LoadAutoGroupedKernel<TIndex, T1, T2>(this Accelerator accelerator, Action<TIndex, T1, T2> action)
        where TIndex : struct
        where T1 : struct
        where T2 : struct
    {
        var kernel = (Action<Index1D, T1, T2>)(object)action;
        return (_, count, a1, a2) => accelerator.RunIndices(action.Method.Name, (Index1D)(object)count, i => kernel(i, a1, a2));
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2> LoadKernel<T1, T2>(this Accelerator accelerator, Action<T1, T2> action)
        where T1 : struct
        where T2 : struct
    {
        return (_, config, a1, a2) => accelerator.RunGroups(action.Method.Name, config, () => action(a1, a2));
    }

    public static Action<AcceleratorStream, TIndex, T1, T2, T3> LoadAutoGroupedKernel<TIndex, T1, T2, T3>(this Accelerator accelerator, Action<TIndex, T1, T2, T3> action)
        where TIndex : struct
        where T1 : struct
        where T2 : struct
        where T3 : struct
    {
        var kernel = (Action<Index1D, T1, T2, T3>)(object)action;
        return (_, count, a1, a2, a3) => accelerator.RunIndices(action.Method.Name, (Index1D)(object)count, i => kernel(i, a1, a2, a3));
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3> LoadKernel<T1, T2, T3>(this Accelerator accelerator, Action<T1, T2, T3> action)
        where T1 : struct
        where T2 : struct
        where T3 : struct
    {
        return (_, config, a1, a2, a3) => accelerator.RunGroups(action.Method.Name, config, () => action(a1, a2, a3));
    }

    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4>(this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4> action)
        where TIndex : struct
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
    {
        var kernel = (Action<Index1D, T1, T2, T3, T4>)(object)action;
        return (_, count, a1, a2, a3, a4) => accelerator.RunIndices(action.Method.Name, (Index1D)(object)count, i => kernel(i, a1, a2, a3, a4));
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4> LoadKernel<T1, T2, T3, T4>(this Accelerator accelerator, Action<T1, T2, T3, T4> action)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
    {
        return (_, config, a1, a2, a3, a4) => accelerator.RunGroups(action.Method.Name, config, () => action(a1, a2, a3, a4));
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4> LoadKernel<T1, T2, T3, T4>(this Accelerator accelerator, Action<T1, T2, T3, T4> action, KernelSpecialization specialization)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
    {
        return accelerator.LoadKernel(action);
    }

    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5>(this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5> action)
        where TIndex : struct
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
    {
        var kernel = (Action<Index1D, T1, T2, T3, T4, T5>)(object)action;
        return (_, count, a1, a2, a3, a4, a5) => accelerator.RunIndices(action.Method.Name, (Index1D)(object)count, i => kernel(i, a1, a2, a3, a4, a5));
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5> LoadKernel<T1, T2, T3, T4, T5>(this Accelerator accelerator, Action<T1, T2, T3, T4, T5> action)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
    {
        return (_, config, a1, a2, a3, a4, a5) => accelerator.RunGroups(action.Method.Name, config, () => action(a1, a2, a3, a4, a5));
    }

    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6>(this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6> action)
        where TIndex : struct
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
    {
        var kernel = (Action<Index1D, T1, T2, T3, T4, T5, T6>)(object)action;
        return (_, count, a1, a2, a3, a4, a5, a6) => accelerator.RunIndices(action.Method.Name, (Index1D)(object)count, i => kernel(i, a1, a2, a3, a4, a5, a6));
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6> LoadKernel<T1, T2, T3, T4, T5, T6>(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6> action)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
    {
        return (_, config, a1, a2, a3, a4, a5, a6) => accelerator.RunGroups(action.Method.Name, config, () => action(a1, a2, a3, a4, a5, a6));
    }

    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7>(this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7> action)
        where TIndex : struct
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
    {
        var kernel = (Action<Index1D, T1, T2, T3, T4, T5, T6, T7>)(object)action;
        return (_, count, a1, a2, a3, a4, a5, a6, a7) => accelerator.RunIndices(action.Method.Name, (Index1D)(object)count, i => kernel(i, a1, a2, a3, a4, a5, a6, a7));
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7> LoadKernel<T1, T2, T3, T4, T5, T6, T7>(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7> action)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
    {
        return (_, config, a1, a2, a3, a4, a5, a6, a7) => accelerator.RunGroups(action.Method.Name, config, () => action(a1, a2, a3, a4, a5, a6, a7));
    }

    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8>(this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8> action)
        where TIndex : struct
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
    {
        var kernel = (Action<Index1D, T1, T2, T3, T4, T5, T6, T7, T8>)(object)action;
        return (_, count, a1, a2, a3, a4, a5, a6, a7, a8) => accelerator.RunIndices(action.Method.Name, (Index1D)(object)count, i => kernel(i, a1, a2, a3, a4, a5, a6, a7, a8));
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> LoadKernel<T1, T2, T3, T4, T5, T6, T7, T8>(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8> action)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
    {
        return (_, config, a1, a2, a3, a4, a5, a6, a7, a8) => accelerator.RunGroups(action.Method.Name, config, () => action(a1, a2, a3, a4, a5, a6, a7, a8));
    }

    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9>(this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9> action)
        where TIndex : struct
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
    {
        var kernel = (Action<Index1D, T1, T2, T3, T4, T5, T6, T7, T8, T9>)(object)action;
        return (_, count, a1, a2, a3, a4, a5, a6, a7, a8, a9) => accelerator.RunIndices(action.Method.Name, (Index1D)(object)count, i => kernel(i, a1, a2, a3, a4, a5, a6, a7, a8, a9));
    }

    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9> LoadKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9>(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> action)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct
        where T9 : struct
    {
        return (_, config, a1, a2, a3, a4, a5, a6, a7, a8, a9) => accelerator.RunGroups(action.Method.Name, config, () => action(a1, a2, a3, a4, a5, a6, a7, a8, a9));
    }
}
