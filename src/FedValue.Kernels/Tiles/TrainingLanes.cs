using System.Runtime.CompilerServices;

namespace FedValue.Kernels.Tiles;

/// <summary>The loops of <see cref="TrainingStep"/>, each from an element on for as many whole vectors as fit; where they ended.</summary>
static class TrainingLanes<T> where T : struct, ISingles<T>
{
    [MethodImpl(Compiled.ByItself)]
    public static int KeepPositive(int first, int length, ref float values, ref float numbers)
    {
        int i = first;
        for (; i <= length - T.Count; i += T.Count)
            T.Load(ref values, i).WherePositive(T.Load(ref numbers, i)).Store(ref values, i);
        return i;
    }

    [MethodImpl(Compiled.ByItself)]
    public static int Descend(
        int first, int length, ref float weights, ref float gradient, ref float velocity, float rate, float momentum, float decay)
    {
        T learning = T.All(rate), kept = T.All(momentum), decayed = T.All(decay);
        int i = first;
        for (; i <= length - T.Count; i += T.Count)
        {
            T weight = T.Load(ref weights, i);
            T slope = T.Load(ref gradient, i) + decayed * weight;
            T moved = kept * T.Load(ref velocity, i) + slope;
            moved.Store(ref velocity, i);
            (weight - learning * moved).Store(ref weights, i);
        }
        return i;
    }
}
